@isolated
Feature: A drill needs neither root nor the name of an engine

  @gate
  Scenario: No container engine answers, and the drill uses the embedded engine
    When dr-drill runs "fixtures/features/passes.feature" without --engine where no container engine answers
    Then the drill exits with 0
    And the drill prints "nothing answers"
    And the drill prints "labs are embedded"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user drills with a guest image that another user has built
    When an ordinary user runs "fixtures/features/passes.feature"
    Then the drill exits with 0
    And the drill prints "labs are embedded"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user builds the guest image and drills
    When an ordinary user without a guest image runs "fixtures/features/passes.feature"
    Then the drill exits with 0
    And the drill prints "labs are embedded"
    And the drill prints "it is not there: building it from Debian packages"
    And nothing is left of the drill
