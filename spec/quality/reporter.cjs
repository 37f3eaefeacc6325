// Mocha's Spec reporter, which also writes how many tests passed and failed, and the titles of those that passed, as JSON, into the file named by
// PEAL_COUNTS.
// The check that runs mocha adds them to its own; a run that broke off leaves no file.
const { writeFileSync } = require('node:fs')
const { reporters, Runner } = require('mocha')

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    const titles = []
    runner.on(Runner.constants.EVENT_TEST_PASS, ({ title }) => titles.push(title))
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats
      if (process.env.PEAL_COUNTS) writeFileSync(process.env.PEAL_COUNTS, JSON.stringify({ passed: passes, failed: failures, titles }))
    })
  }
}
