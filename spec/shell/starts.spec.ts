// How our server begins with a data folder, and what it tells its operator of it.
import { deepEqual, equal, match } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask, askAll, host, useStage } from '../stage/stage.js'

const saved = '2\nMe 192.0.2.1 22000\nFoo 192.0.2.2 22000\n1\nl\n1\nMe 192.0.2.1 22000'

describe('our server, whose disk does not answer', () => {
  const stage = useStage()

  it('ends a while after the second signal', async () => {
    const pipe = join(stage.home, 'pipe')
    const program = stage.prepared('hung', pipe, 'server', '--host', host, '--data', join(stage.home, 'data'))
    try {
      const [, port] = await program.line(/^peal server at .*:(\d+)$/)
      await promisify(execFile)('mkfifo', [pipe])
      const client = await stage.socket()
      await new Promise((sent) => client.send('register-_-Me-_-192.0.2.1-_-22000', Number(port), host, sent))
      program.signal('SIGUSR1')
      await program.complaint(/"msg":"summary"/)
      program.signal('SIGTERM')
      await program.complaint(/"msg":"closing; signal again to end at once"/)
      program.signal('SIGTERM')
      const { code, stderr } = await program.ended
      deepEqual([code, /"msg":"the disk does not answer; ended without it"/.test(stderr), /"msg":"closed"/.test(stderr)], [null, true, false])
    } finally {
      program.signal('SIGKILL')
    }
  })
})

describe('the start of our server', () => {
  const stage = useStage()

  it('can be tried again in the same words where it found no port, and not where something has happened since', async () => {
    await writeFile(join(stage.folder, 'saved.txt'), saved)
    const other = createSocket('udp4').bind(0, host)
    await once(other, 'listening')
    const { port } = other.address()
    const again = ['server', port, 'saved.txt', '--ports', `${port}-${port}`, '--host', host, '--data', join(stage.home, 'data')]
    const first = await stage.peal(...again).ended
    deepEqual([first.code, /no port from/.test(first.stderr)], [69, true])
    other.close()
    await once(other, 'close')
    const client = await stage.socket()
    for (const start of ['second', 'third']) {
      const program = stage.peal(...again)
      await program.line(/^peal server at/)
      equal(await ask(client, port, 'query-lists'), '200-_-{"num_lists": 1, "list_names": ["l"]}')
      if (start === 'third') await askAll(client, port, ['join-_-l-_-Foo'])
      equal((await program.stop()).code, 0)
    }
    const changed = await stage.peal(...again).ended
    deepEqual([changed.code, /holds a directory already; start without saved\.txt, or with another --data DIR/.test(changed.stderr)], [64, true])
  })

  it('is refused in the folder of another server, and leaves it as it is', async () => {
    const data = join(stage.home, 'data')
    const start = (...args: ReadonlyArray<string>): ReturnType<typeof stage.peal> => stage.peal('server', '--host', host, '--data', data, ...args)
    const first = start()
    const [, own] = await first.line(/#(\w+)$/)
    await first.stop()
    const names = await readdir(data)
    const other = await start('--identity', 'other').ended
    match(other.stderr, new RegExp(`^peal: .*data holds the directory of the server ${own}, and the keys of "other" are \\w+\\. Take that server's with --identity, or another --data DIR`))
    deepEqual([other.code, await readdir(data)], [77, names])
    const again = start()
    await again.line(/^peal server at/)
    equal((await again.stop()).code, 0)
    await rm(join(data, 'server'))
    const taken = start('--identity', 'other')
    await taken.line(/^peal server at/)
    equal((await taken.stop()).code, 0)
  })

  it('shows what was found not to be as it should be', async () => {
    const data = join(stage.home, 'data')
    await (await stage.ourServer(['--data', data])).program.stop()
    await rm(join(data, 'witness'))
    const { program } = await stage.ourServer(['--data', data])
    match((await program.stop()).stderr, /"msg":"[^"]*witness is missing: had the end of the journal been lost, nobody would know"/)
  })

  it('says where an older snapshot was not needed, and begins with the newest', async () => {
    const data = join(stage.home, 'data')
    await (await stage.ourServer(['--data', data])).program.stop()
    equal((await readdir(data)).filter((name) => name.startsWith('snapshot')).length, 2)
    const { program } = await stage.ourServer(['--data', data, '--older-snapshot'])
    match((await program.stop()).stderr, /"msg":"--older-snapshot was not needed: it began with the newest snapshot, which is whole"/)
    const quiet = await stage.ourServer(['--data', data])
    equal((await quiet.program.stop()).stderr.includes('older-snapshot'), false)
  })
})
