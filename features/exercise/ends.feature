@full
Feature: An exercise whose facilitator is gone leaves nothing but its record

  Scenario: The facilitator presses Ctrl-C
    When the facilitator presses Ctrl-C while a participant works in "one-compute-was-forgotten" on the embedded engine
    Then the drill exits with 130
    And nothing is left of the drill
    And the folder of the participant is gone
    And the journal of the drill is readable
    And the recordings of the participants hold "begun"
    And the evidence of the exercise is consistent, and holds its script and recordings

  Scenario: The facilitator is killed
    When the facilitator is killed while a participant works in "one-compute-was-forgotten" on the embedded engine
    Then the drill is ended by "SIGKILL"
    And nothing is left of the drill
    And the folder of the participant is gone
    And the journal of the drill is readable
    And the recordings of the participants hold "begun"
    And the evidence of the exercise is consistent, and holds its script and recordings

  Scenario: The facilitator closes the terminal
    When the facilitator closes the terminal while a participant works in "one-compute-was-forgotten" on the embedded engine
    Then the drill exits with 130
    And nothing is left of the drill
    And the folder of the participant is gone
    And the journal of the drill is readable
    And the recordings of the participants hold "begun"
    And the evidence of the exercise is consistent, and holds its script and recordings

  Scenario: The facilitator calls it off
    When the facilitator calls it off while a participant works in "one-compute-was-forgotten" on the embedded engine
    Then the drill exits with 3
    And the drill prints "the exercise was called off"
    And nothing is left of the drill
    And the folder of the participant is gone
    And the recordings of the participants hold "begun"
    And the evidence of the exercise is consistent, and holds its script and recordings
