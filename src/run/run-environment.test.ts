import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ciJob } from './run-environment.ts'

it('the CI job of a run is an address of GitHub, GitLab or Jenkins, and nothing else', () => {
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'a/b', GITHUB_RUN_ID: '7' }
  assert.equal(ciJob(github), 'https://github.com/a/b/actions/runs/7')
  assert.equal(
    ciJob({ ...github, GITHUB_RUN_ID: '', CI_JOB_URL: 'https://gitlab.example/1' }),
    'https://gitlab.example/1',
  )
  assert.equal(ciJob({ BUILD_URL: 'http://jenkins.example/job/1/' }), 'http://jenkins.example/job/1/')
  assert.equal(ciJob({ BUILD_URL: 'javascript:alert(1)' }), undefined)
  assert.equal(ciJob({}), undefined)
})
