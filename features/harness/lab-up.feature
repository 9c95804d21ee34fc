@isolated
Feature: An operator brings up a lab and takes it down

  Scenario: ssh reaches every machine of a lab
    When an operator brings up a lab of "fixtures/topologies/two-sites.yaml" on the embedded engine and runs these commands:
      | ssh                | ssh -F FOLDER/ssh_config recovery-appliance hostname                          |
      | what is mounted    | ssh -F FOLDER/ssh_config modern-appliance findmnt -n -o SOURCE -t nfs,nfs4    |
      | a server           | ssh -F FOLDER/ssh_config nfs-10-10-2-20 hostname                              |
      | an unknown machine | ssh -F FOLDER/ssh_config -o ConnectTimeout=5 no-such-machine.invalid hostname |
    Then the command "ssh" prints "recovery-appliance"
    And the command "what is mounted" prints "10.20.2.20:/replica"
    And the command "a server" prints "nfs-10-10-2-20"
    And the command "an unknown machine" prints "Could not resolve hostname no-such-machine.invalid"
    And nothing is left of the lab

  Scenario: The mail server of a lab takes mail with the password of its file, and has a mailbox for each address
    When an operator brings up a lab of "fixtures/topologies/mail-server.yaml" on the embedded engine and runs these commands:
      | mails | ssh -F FOLDER/ssh_config mail python3 - "$(cat FOLDER/mail-password)" <fixtures/runbooks/send-mails.py                        |
      | boxes | ssh -F FOLDER/ssh_config mail 'until [ -e /srv/mail/bob@example.org/new ]; do sleep 1; done; cd /srv/mail; echo $(ls -1 .)' |
      | mail  | ssh -F FOLDER/ssh_config mail 'cat /srv/mail/alice@example.org/new/*'                                                       |
    Then the command "mails" prints "accepted another password is refused: 535"
    And the command "boxes" prints "alice@example.org bob@example.org"
    And the command "mail" prints "Subject: hello"
    And nothing is left of the lab

  Scenario: A lab that is interrupted while it comes up leaves nothing
    When an operator brings up a lab of "fixtures/topologies/two-sites.yaml" on the embedded engine and interrupts it
    Then the lab exits with 130
    And nothing is left of the lab

  Scenario: A lab whose holder is killed leaves nothing
    When an operator brings up a lab of "fixtures/topologies/two-sites.yaml" on the embedded engine and its holder is killed
    Then nothing is left of the lab
