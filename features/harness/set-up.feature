@full @isolated
Feature: A set-up that is interrupted is done again, and nothing of the first is left

  Scenario Outline: It is killed while it says: <what>
    When dr-drill sets up the <engine> engine, is killed while it prints "<what>", and sets it up again
    Then nothing is left of the first setup
    And the second setup exits with 0
    And only the guest image is left of the second setup

    Examples:
      | engine    | what                              |
      | embedded  | extracting archives               |
      | embedded  | installing essential packages     |
      | embedded  | unpacking                         |
      | container | building the guest image: step 6/ |
