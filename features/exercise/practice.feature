@full @isolated
Feature: An operator practices on the broken site of an exercise, without a clock

  Scenario: The site is broken as the exercise begins, and verify shows its repair
    When an operator brings up a lab of "one-compute-was-forgotten" on the embedded engine and runs these commands:
      | the begin  | ssh -F FOLDER/ssh_config exercise verify                                                                    |
      | no limit   | ssh -F FOLDER/ssh_config exercise clock \| grep -c ' of '                                                   |
      | a hint     | ./drill exercise hint --dir FOLDER \| paste -sd+                                                            |
      | a repair   | cd fixtures/exercises; SSH_CONFIG=FOLDER/ssh_config KEEP=yes sh bind.sh appliance compute-1 compute-2       |
      | the repair | ./drill exercise verify --dir FOLDER                                                                        |
      | a reboot   | ssh -F FOLDER/ssh_config compute-2 sudo reboot; sleep 2; ssh -F FOLDER/ssh_config compute-2 findmnt -t nfs4 |
      | list       | ./drill lab list                                                                                            |
    Then the command "the begin" prints "does not hold: The service reads all images"
    And the command "no limit" prints "0"
    And the command "a hint" prints "Hint 1 of 3:+Compare"
    And the command "the repair" prints "  holds: The service reads all images"
    And the command "a reboot" prints "MTAuMTAuMi4yMDovdXBzdHJlYW0="
    And the command "list" prints "recovery/compute-2"
    And nothing is left of the lab

  Scenario: Its holder is killed, and nothing is left
    When an operator brings up a lab of "one-compute-was-forgotten" on the embedded engine and its holder is killed
    Then nothing is left of the lab

  Scenario: It is interrupted while it comes up, and nothing is left
    When an operator brings up a lab of "one-compute-was-forgotten" on the embedded engine and interrupts it
    Then the lab exits with 130
    And nothing is left of the lab
