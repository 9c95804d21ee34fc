@full @isolated
Feature: A killed setup leaves nothing and can be repeated

  Scenario Outline: A setup of the <engine> engine is killed at "<what>" and repeated
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
