Feature: assess reports each defect of a target at the image that has it

  Scenario Outline: An image that is <damage> is reported as <findings>
    Given a target of one disk in 4 snapshots
    And image <nth> of its chain is "<damage>"
    When the target is assessed
    Then the images of its chain are "<images>"
    And the findings are "<findings>"
    And the assessment exits with <code>
    And nothing on the target has changed

    @fast
    Examples:
      | nth | damage                     | code | findings                                             | images                                                             |
      | 1   | missing                    | 1    | incomplete-replica, missing-parent, record-disagrees | incomplete-replica, missing-parent, missing-parent, missing-parent |
      | 4   | cut by clusters            | 1    | record-disagrees, truncated                          | restorable, after-recovery, after-recovery, truncated              |
      | 3   | the one above it           | 1    | cycle, record-disagrees                              | restorable, after-recovery, cycle, cycle                           |
      | 2   | a FIFO                     | 1    | not-a-file, record-disagrees                         | restorable, not-a-file, not-a-file, not-a-file                     |
      | 2   | without a readable disk_db | 3    | size-mismatch, unreadable-record                     | restorable, size-mismatch, size-mismatch, size-mismatch            |

    @full
    Examples:
      | nth | damage                                     | code | findings                                 | images                                                             |
      | 3   | empty                                      | 1    | record-disagrees, truncated              | restorable, after-recovery, truncated, truncated                   |
      | 2   | cut in its header                          | 1    | record-disagrees, truncated              | restorable, truncated, truncated, truncated                        |
      | 1   | garbage                                    | 1    | not-qcow2, record-disagrees              | not-qcow2, not-qcow2, not-qcow2, not-qcow2                         |
      | 1   | a child of the newest                      | 1    | cycle, record-disagrees                  | cycle, cycle, cycle, cycle                                         |
      | 4   | a child of a file of the host              | 1    | parent-outside-targets, record-disagrees | restorable, after-recovery, after-recovery, parent-outside-targets |
      | 4   | read from an offset of its parent          | 3    | backing-name-unclear, record-disagrees   | restorable, after-recovery, after-recovery, backing-name-unclear   |
      | 2   | a symbolic link                            | 3    | copy, record-disagrees, symbolic-link    | restorable, symbolic-link, symbolic-link, symbolic-link            |
      | 2   | a folder                                   | 3    | record-disagrees, unexpected             | restorable, unexpected, unexpected, unexpected                     |
      | 2   | without a snapshot_db                      | 3    | missing-record                           | restorable, after-recovery, after-recovery, after-recovery         |
      | 2   | without a snapshot_vms_db                  | 3    | missing-record                           | restorable, after-recovery, after-recovery, after-recovery         |
      | 4   | gone with all that is recorded of its disk | 3    | missing-record, record-disagrees         | restorable, after-recovery, after-recovery, not mentioned          |
      | 4   | in a snapshot that is a symbolic link      | 3    | symbolic-link                            | restorable, after-recovery, after-recovery, not mentioned          |
      | 2   | beside what rsync left                     | 0    | leftover                                 | restorable, after-recovery, after-recovery, after-recovery         |
