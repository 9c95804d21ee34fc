@isolated
Feature: Nobody has to name an engine, or to be root

  @gate
  Scenario: No container engine answers
    When dr-drill runs "fixtures/features/passes.feature" without --engine where no container engine answers
    Then the drill exits with 0
    And the drill prints "nothing answers"
    And the drill prints "labs are embedded"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user, with a guest image that somebody else built
    When an ordinary user runs "fixtures/features/passes.feature"
    Then the drill exits with 0
    And the drill prints "labs are embedded"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user, who has to build the guest image
    When an ordinary user without a guest image runs "fixtures/features/passes.feature"
    Then the drill exits with 0
    And the drill prints "labs are embedded"
    And the drill prints "it is not there: building it from Debian packages"
    And nothing is left of the drill
