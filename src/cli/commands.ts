import type { Command } from 'commander'

/** A command of the program. */
export interface CommandEntry {
  readonly name: string
  readonly description: string
  /** Loads its options and its code. */
  readonly load: () => Promise<Command>
}

/** The commands under the headings of `--help`. Only the code of a command that is used is loaded. */
export const commandGroups: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Backup targets and sites:': [
    {
      name: 'assess',
      description: 'report which disks and snapshots can be restored, where, and what is missing',
      load: async () => (await import('./assess.ts')).assessCommand(),
    },
    {
      name: 'verify',
      description: 'read every byte of a target, on one host or several, and go on where it was interrupted',
      load: async () => (await import('./verify.ts')).verifyCommand(),
    },
    {
      name: 'worker',
      description: 'read slices of a verification, for the queue that hosts share',
      load: async () => (await import('./worker.ts')).workerCommand(),
    },
    {
      name: 'plan',
      description: 'report what a site needs before its restores work, and change nothing',
      load: async () => (await import('./plan.ts')).planCommand(),
    },
    {
      name: 'recover',
      description: 'prepare the nodes of a site for restores, and prove it by restoring; or undo that',
      load: async () => (await import('./recover.ts')).recoverCommand(),
    },
    {
      name: 'check',
      description:
        'check that all nodes have the same targets, and that origin paths lead to them, for the service too',
      load: async () => (await import('./check.ts')).checkCommand(),
    },
    {
      name: 'handover',
      description: 'hand workloads over to the users of the recovery site',
      load: async () => (await import('./handover.ts')).handoverCommand(),
    },
    {
      name: 'hosts',
      description: 'check that the hosts of an inventory can be entered, as root, and have what recovery needs',
      load: async () => (await import('./hosts.ts')).hostsCommand(),
    },
  ],
  'Drills:': [
    {
      name: 'run',
      description: 'run drills: each scenario against a lab of its own',
      load: async () => {
        const [{ runCommand }, { preparedLabs }, { workerLabHooks }] = await Promise.all([
          import('./run.ts'),
          import('./prepared-labs.ts'),
          import('../run/lab-hooks.ts'),
        ])
        return runCommand({ labs: preparedLabs, workerLabs: workerLabHooks })
      },
    },
    {
      name: 'merge',
      description: 'merge the shards of a run, or of a verification, into one',
      load: async () => (await import('./merge.ts')).mergeCommand(),
    },
    {
      name: 'exercise',
      description: 'let a team recover a broken site against the clock, and judge it',
      load: async () => (await import('./exercise.ts')).exerciseCommand(),
    },
    {
      name: 'report',
      description: 'make the reports of a run again, from its journal',
      load: async () => (await import('./report.ts')).reportCommand(),
    },
    {
      name: 'show',
      description: 'open the page of a run in a browser',
      load: async () => (await import('./show.ts')).showCommand(),
    },
    {
      name: 'judge',
      description: 'judge the journal of a run again, and list the verdicts that have changed',
      load: async () => (await import('./judge.ts')).judgeCommand(),
    },
    {
      name: 'evidence',
      description: 'make, sign and verify evidence packs of runs',
      load: async () => (await import('./evidence.ts')).evidenceCommand(),
    },
    {
      name: 'history',
      description: 'show past runs, what changed, and which scenarios need a new drill',
      load: async () => (await import('./history.ts')).historyCommand(),
    },
    {
      name: 'init',
      description: 'create a project: a first drill, with a fault and a verdict of your own',
      load: async () => (await import('./init.ts')).initCommand(),
    },
    {
      name: 'lab',
      description: 'start, list and end labs for experiments',
      load: async () => (await import('./lab.ts')).labCommand(),
    },
    {
      name: 'shell',
      description: 'enter a machine of a running lab, or run a command in it',
      load: async () => (await import('./shell.ts')).shellCommand(),
    },
    {
      name: 'target',
      description: 'create a backup target to try commands on',
      load: async () => (await import('./target.ts')).targetCommand(),
    },
  ],
  'Setup and help:': [
    {
      name: 'doctor',
      description: 'check that this machine can run drills, and show how to fix what fails',
      load: async () => (await import('./doctor.ts')).doctorCommand(),
    },
    {
      name: 'setup',
      description: 'prepare this machine for drills: an engine for labs, and the guest image',
      load: async () => (await import('./setup.ts')).setupCommand(),
    },
    {
      name: 'clean',
      description: 'remove what dead runs left behind',
      load: async () => (await import('./clean.ts')).cleanCommand(),
    },
    {
      name: 'completion',
      description: 'print a script that completes the command line in a shell',
      load: async () => (await import('./completion.ts')).completionCommand(),
    },
  ],
}

/** The command that completion scripts call. `--help` does not list it. */
export const completion: CommandEntry = {
  name: 'complete',
  description: 'print candidates for the last word of a command line',
  load: async () => (await import('./complete.ts')).completeCommand(),
}
