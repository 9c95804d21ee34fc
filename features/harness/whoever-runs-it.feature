@isolated
Feature: Nobody has to name an engine, or to be root

  @gate
  Scenario: No container engine answers
    When a drill of "fixtures/features/passes.feature" is run without an engine named, where no container engine answers
    Then the drill exits with 0
    And the drill says "nothing answers"
    And the drill says "labs are embedded"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user, with a guest image that somebody else built
    When a drill of "fixtures/features/passes.feature" is run by an ordinary user
    Then the drill exits with 0
    And the drill says "labs are embedded"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user, who has to build the guest image
    When a drill of "fixtures/features/passes.feature" is run by an ordinary user who has no guest image
    Then the drill exits with 0
    And the drill says "labs are embedded"
    And the drill says "it is not there: building it from Debian packages"
    And nothing is left of the drill
