// Loaded before the program, in a server that is to be killed (`node --import warm.js main.js server ...`): what the server is made of is loaded while
// the one before still runs, and the program begins when a line comes in. When the input ends, its parent is gone, and the server goes too.
// Threads of the server load this as well, and wait for nothing.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  await import('../../shell/cli/serve.js')
  await new Promise((told) => process.stdin.once('data', told))
  process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'))
  process.stdin.unref()
}
