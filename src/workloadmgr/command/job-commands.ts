import type { Command } from 'commander'
import { InputError } from '../../errors.ts'
import type { JobRow } from '../store/state-schema.ts'
import { openAsProduct } from './command-context.ts'
import { listView, showView, type View } from './output/view.ts'
import { doing, plainCommand, viewCommand } from './view-command.ts'

/** Jobs: what commands have started and do not wait for. */
export function jobCommands(): readonly Command[] {
  return [jobList(), jobShow(), jobCancel(), jobWorker()]
}

const assumption = 'The command is an assumption. Public sources show ids of jobs, and no command.'

function jobList(): Command {
  const command = viewCommand('list', {
    name: 'job-list',
    summary: 'list imports, snapshots and restores that run in the background',
    notes: `${assumption}\n\nExamples:\n  $ workloadmgr job-list\n  $ workloadmgr job-list -f value -c ID -c Status`,
  })
  return doing(command, async ({ manager, requester }) =>
    listView(
      manager.store.jobs.list().filter((job) => requester.isAdmin || job.projectId === requester.projectId),
      {
        ID: ({ id }) => id,
        Type: ({ kind }) => kind,
        Status: ({ status }) => status,
        'Progress %': ({ progress }) => progress,
        Created: ({ createdAt }) => createdAt,
        Finished: ({ finishedAt }) => finishedAt ?? null,
        Error: ({ errorText }) => errorText ?? null,
      },
    ),
  )
}

function jobShow(): Command {
  const command = viewCommand('show', {
    name: 'job-show',
    summary: 'show one job',
    notes: `${assumption}
A job whose process was killed, or whose appliance
lost its power, has the status error and the error "interrupted".

Example:
  $ workloadmgr job-show ID -f json`,
  }).argument('<id>', 'id of the job')
  return doing(command, async ({ manager }, id: string) => {
    const job = manager.store.jobs.find({ id })
    if (job === undefined) throw new InputError(`job ${id} does not exist`)
    return showJob(job)
  })
}

/** Returns a job as a view. */
function showJob(job: JobRow): View {
  return showView({
    id: job.id,
    type: job.kind,
    status: job.status,
    progress_percent: job.progress,
    progress_msg: job.progressText ?? null,
    error_msg: job.errorText ?? null,
    result: job.result === undefined ? null : JSON.stringify(job.result),
    created_at: job.createdAt,
    finished_at: job.finishedAt ?? null,
  })
}

function jobCancel(): Command {
  const command = viewCommand('show', {
    name: 'job-cancel',
    summary: 'cancel one job',
    notes: `${assumption}\n\nExample:\n  $ workloadmgr job-cancel ID`,
  }).argument('<id>', 'id of the job')
  return doing(command, async ({ manager }, id: string) => {
    const { cancelJob } = await import('../job/settle-jobs.ts')
    return showJob(await cancelJob(manager.store, id))
  })
}

/** `job-worker`: the process of one job, which a command starts. */
function jobWorker(): Command {
  return plainCommand({ name: 'job-worker', summary: 'do the work of a job', notes: '' })
    .argument('<id>')
    .action(async (id: string) => {
      using manager = openAsProduct()
      const [{ runJobWorker }, { jobKinds }] = await Promise.all([
        import('../job/job-worker.ts'),
        import('./job-kinds.ts'),
      ])
      await runJobWorker(manager.store, id, jobKinds(manager))
    })
}
