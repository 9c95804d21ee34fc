@isolated
Feature: A drill needs neither root nor the name of an engine

  @gate
  Scenario: No container engine answers, and the drill uses the embedded engine
    When dr-drill runs "fixtures/features/passes.feature" without --engine where no container engine answers
    Then the drill exits with 0
    And the drill prints "no engine answers"
    And the drill prints "using the embedded engine"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user drills with a guest image that another user has built
    When an ordinary user runs "fixtures/features/passes.feature"
    Then the drill exits with 0
    And the drill prints "using the embedded engine"
    And nothing is left of the drill

  @gate
  Scenario: An ordinary user builds the guest image and drills
    When an ordinary user without a guest image runs "fixtures/features/passes.feature"
    Then the drill exits with 0
    And the drill prints "using the embedded engine"
    And the drill prints "not built yet: building it once from Debian packages"
    And nothing is left of the drill
