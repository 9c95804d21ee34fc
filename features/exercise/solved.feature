@full
Feature: The exercises of dr-drill are solved by the right way, and by no other
  A team of scripts plays each of them. Afterwards, every node is rebooted, and restores again.

  Scenario Outline: <exercise>, <way>
    When a team plays the exercise "<exercise>" by "<commands>" on the embedded engine
    Then the drill exits with <code>
    And the drill prints "<text>"
    And verify has printed "<verify>"
    And nothing is left of the drill
    And the folder of the participant is gone

    Examples:
      | exercise                  | way                               | commands                                                          | code | text                           | verify        |
      | the-page-by-the-book      | the whole page                    | KEEP=yes sh bind.sh appliance compute-1 compute-2; sh reassign.sh | 0    | 1 passed, 0 failed             | holds         |
      | the-page-by-the-book      | without a line in fstab           | sh bind.sh appliance compute-1 compute-2; sh reassign.sh          | 1    | every restore has the content  | holds         |
      | the-page-by-the-book      | with schedules that stay disabled | KEEP=yes sh bind.sh appliance compute-1 compute-2; SCHEDULES=no sh reassign.sh | 1    | does not hold at the end | does not hold |
      | one-compute-was-forgotten | all three nodes                   | KEEP=yes sh bind.sh appliance compute-1 compute-2                 | 0    | 1 passed, 0 failed             | holds         |
      | one-compute-was-forgotten | only the forgotten compute        | KEEP=yes sh bind.sh compute-2                                     | 1    | every restore has the content  | does not hold |
      | one-compute-was-forgotten | without a line in fstab           | sh bind.sh appliance compute-2                                    | 1    | every restore has the content  | holds         |
      | the-service-in-a-container | with a restart and fstab | KEEP=yes RESTART=yes sh bind-kolla.sh appliance compute-1 | 0 | 1 passed, 0 failed | holds |
      | the-service-in-a-container | as the consultant writes | KEEP=yes sh bind-kolla.sh appliance compute-1 | 1 | every restore has the content | does not hold |
      | the-service-in-a-container | without a line in fstab | RESTART=yes sh bind-kolla.sh appliance compute-1 | 1 | every restore has the content | holds |
      | the-replica-stopped-halfway | from the vault, without the lost snapshot | KEEP=yes sh bind.sh appliance compute-1; sh complete.sh; OWNERS='web:erin:sales db:frank:finance' sh reassign.sh; sh delete-lost.sh | 0 | 1 passed, 0 failed | holds |
      | the-replica-stopped-halfway | with the half image as it was copied | KEEP=yes sh bind.sh appliance compute-1; COPY=--ignore-existing sh complete.sh; OWNERS='web:erin:sales db:frank:finance' sh reassign.sh; sh delete-lost.sh | 1 | every restore has the content | holds |
      | the-replica-stopped-halfway | with the lost snapshot in the way | KEEP=yes sh bind.sh appliance compute-1; sh complete.sh; OWNERS='web:erin:sales db:frank:finance' sh reassign.sh | 1 | the snapshot before cannot be read | holds |
      | the-replica-stopped-halfway | with a replica made equal to the vault | KEEP=yes sh bind.sh appliance compute-1; COPY=--delete sh complete.sh; OWNERS='web:erin:sales db:frank:finance' sh reassign.sh; sh delete-lost.sh | 1 | every restore has the content | holds |
