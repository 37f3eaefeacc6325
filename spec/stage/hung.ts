// A disk that does not answer any more, in any thread but the main one: loaded before a program (`node --import hung.js?PIPE main.js ...`). From when
// there is a named pipe PIPE, whoever writes waits in the system for somebody at its other end, who never comes.
import fs from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const pipe = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const { writeSync } = fs

if (!isMainThread)
  fs.writeSync = ((...all: Parameters<typeof writeSync>) => {
    if (fs.existsSync(pipe)) fs.openSync(pipe, 'r')
    return writeSync(...all)
  }) as typeof writeSync
