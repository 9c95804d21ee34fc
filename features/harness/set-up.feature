@full @isolated
Feature: A set-up that is interrupted is done again, and nothing of the first is left

  Scenario Outline: It is killed while it says: <what>
    When a set-up of the <engine> engine is killed while it says "<what>", with all of its processes, and run again
    Then nothing is left of the first set-up
    And the second set-up exits with 0
    And only the guest image is left of the second set-up

    Examples:
      | engine    | what                              |
      | embedded  | extracting archives               |
      | embedded  | installing essential packages     |
      | embedded  | unpacking                         |
      | container | building the guest image: step 6/ |
