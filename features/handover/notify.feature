Feature: Users are notified what restores, and what does not
  The documented process ends with the notification of users. The product sends no mail about a recovery.

  Background:
    Given site "primary" has the users:
      | user  | project  | roles  | email             |
      | alice | web-shop | member | alice@example.org |
      | bob   | billing  | member | bob@example.org   |
    And site "primary" backs up to the share "10.10.2.20:/upstream"
    And workload "web" belongs to "alice" in project "web-shop"
    And workload "db" belongs to "bob" in project "billing"
    And workload "web" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot
    And site "recovery" has the same users as site "primary"
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    And site "primary" is lost
    And a mail server "mail"

  Scenario: Each user gets one mail, which states what restores
    When the origin path is bound on every node
    And the users are notified
    Then the notification exits with 0
    And user "alice" has 1 mail
    And user "bob" has 1 mail
    And every mail is valid
    And the mail to "alice" states that snapshot 1 of "web" restores
    And the mail to "alice" states that snapshot 2 of "web" restores
    And the mail to "bob" states that snapshot 2 of "db" restores
    And the mail to "alice" does not mention "billing"
    When the users are notified again
    Then the notification reports "alice" as "sent before"
    And no user has two mails

  Scenario: A snapshot that cannot be restored yet is not stated to restore
    When the users are notified
    Then the mail to "alice" states that snapshot 1 of "web" restores
    And the mail to "alice" states that snapshot 2 of "web" is not proven

  Scenario: A half-failed batch is finished by a second run
    Given the mail server refuses mail to "bob@example.org"
    When the users are notified
    Then the notification exits with 1
    And the notification reports "bob" as "refused"
    And user "alice" has 1 mail
    And user "bob" has 0 mails
    When the mail server accepts mail to "bob@example.org" again
    And the users are notified again
    Then the notification exits with 0
    And the notification reports "alice" as "sent before"
    And user "bob" has 1 mail
    And no user has two mails

  Scenario: A dead mail server leaves the verdict on the recovery as it is
    When the origin path is bound on every node
    And the mail server loses power
    And the users are notified without the mail server
    Then the notification exits with 1
    And the notification reports "alice" as "not sent"
    When every snapshot is restored on every compute
    Then every restore has the content that was backed up
    When the mail server starts again
    And the users are notified again
    Then user "alice" has 1 mail
    And user "bob" has 1 mail

  Scenario: A mail that was delivered without an answer is not sent twice
    When the users are notified, and the mail server loses power before it confirms mail 2
    Then the notification exits with 3
    And the notification reports "alice" as "sent"
    And the notification reports "bob" as "may have been sent"
    When the mail server starts again
    And the users are notified again
    Then the notification exits with 3
    And the notification reports "bob" as "may have been sent"
    And user "bob" has 1 mail
    And no user has two mails

  Scenario: A mail that was lost without an answer is sent on request
    When the users are notified, and the mail server loses power before it accepts mail 1
    Then the notification reports "alice" as "may have been sent"
    And the notification reports "bob" as "not sent"
    When the mail server starts again
    And the users are notified again
    Then user "alice" has 0 mails
    And user "bob" has 1 mail
    When the users are notified again with "--resend"
    Then the notification exits with 0
    And user "alice" has 1 mail
    And no user has two mails
