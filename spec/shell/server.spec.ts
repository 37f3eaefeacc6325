// The server as a process, over real UDP: the recorded exchanges, what it does with what is no request, its files, its end.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ask, askAll, heard, replay, useStage } from '../stage/stage.js'
import { rule } from '../protocol.js'

const populated = ['register-_-Me-_-192.0.2.1-_-22000', 'register-_-Foo-_-192.0.2.2-_-22000', 'create-_-l', 'join-_-l-_-Me', 'join-_-l-_-Foo']

describe('our server', () => {
  const stage = useStage()

  it(rule('C9'), async () => {
    const { port } = await stage.ourServer()
    await replay(await stage.socket(), port)
    match(await readFile(join(stage.folder, 'saved.txt'), 'utf8'), /^5\nMe 10\.120\.70\.106 22000\n[^]*\nlist 5\n0$/)
    equal(await readFile(join(stage.folder, 'saved2.txt'), 'utf8'), '0\n5\nlist_1\n0\nlist_2\n0\nlist_3\n0\nlist_4\n0\nlist 5\n0')
  })

  it(rule('C4'), async () => {
    const { port } = await stage.ourServer()
    const client = await stage.socket()
    for (const reply of ['200-_-null', '400-_-null', '999-_-', '123-_-query-lists', Buffer.from([0x32, 0x30, 0x30, 0x2d, 0x5f, 0x2d, 0xff])]) client.send(reply, port, '127.0.0.1')
    equal(await ask(client, port, 'query-lists'), '200-_-{"num_lists": 0, "list_names": []}')
  })

  it(rule('C5'), async () => {
    const { port } = await stage.ourServer()
    const client = await stage.socket()
    await askAll(client, port, populated)
    const malformed = ['', 'jion-_-l-_-Me', 'join', 'join-_-l', 'create-_-', 'register-_-x-_-nowhere at all-_-1', '\u0000', 'query-lists-_-', '-_-', 'x'.repeat(60_000)]
    for (const text of malformed) equal(await ask(client, port, text), '400-_-null', text.slice(0, 40))
    equal(await ask(client, port, 'query-lists'), '200-_-{"num_lists": 1, "list_names": ["l"]}')
  })

  it('answers valid requests beside a flood of malformed ones, and counts them', async () => {
    const { program, port } = await stage.ourServer()
    const client = await stage.socket()
    const flood = await stage.socket()
    await askAll(client, port, populated)
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 20; i++) flood.send(Buffer.from([0xff, i, round]), port, '127.0.0.1')
      equal(await ask(client, port, 'query-lists'), '200-_-{"num_lists": 1, "list_names": ["l"]}')
    }
    program.signal('SIGTERM')
    const { code, stderr } = await program.ended
    equal(code, 0)
    const [, received, malformed] = /"received":(\d+),"malformed":(\d+),.*"msg":"closed"/.exec(stderr) ?? []
    ok(Number(malformed) > 100 && Number(received) === Number(malformed) + 105, stderr)
  })

  it(rule('C17'), async () => {
    const outside = join(stage.folder, 'outside.txt')
    await writeFile(outside, 'untouched')
    await mkdir(join(stage.folder, 'saves'))
    await symlink(outside, join(stage.folder, 'saves', 'link.txt'))
    await mkdir(join(stage.folder, 'saves', 'folder'))
    const { port } = await stage.ourServer(['--saves', 'saves'])
    const client = await stage.socket()
    await askAll(client, port, populated)
    const refused = ['../outside.txt', '/etc/x', '../../etc/x', '', '.hidden', '..', 'a/b', 'a\\b', 'nul\u0000', 'x'.repeat(65), 'Ω', '-rf', 'folder']
    for (const name of refused) equal(await ask(client, port, `save-_-${name}`), '462-_-null', name)
    for (const name of ['config.txt', 'config.txt', 'link.txt', 'x'.repeat(64)]) equal(await ask(client, port, `save-_-${name}`), '200-_-null', name)
    equal(await readFile(outside, 'utf8'), 'untouched')
    const saved = '2\nMe 192.0.2.1 22000\nFoo 192.0.2.2 22000\n1\nl\n2\nMe 192.0.2.1 22000\nFoo 192.0.2.2 22000'
    for (const name of ['config.txt', 'link.txt']) equal(await readFile(join(stage.folder, 'saves', name), 'utf8'), saved)
    deepEqual((await readdir(join(stage.folder, 'saves'))).sort(), ['config.txt', 'folder', 'link.txt', 'x'.repeat(64)])
    deepEqual((await readdir(stage.folder)).sort(), ['outside.txt', 'saves'])
  })

  it('starts from a saved file, and refuses a damaged one with its line', async () => {
    const saved = '2\nMe 192.0.2.1 22000\nFoo Bar ::1 22002\n1\nlist 1\n1\nFoo Bar ::1 22002'
    await writeFile(join(stage.folder, 'saved.txt'), saved)
    await writeFile(join(stage.folder, 'damaged.txt'), saved.replace('::1 22002\n1', '::1\n1'))
    const damaged = await stage.peal('server', 22000, 'damaged.txt').ended
    deepEqual([damaged.code, damaged.stderr], [65, 'peal: damaged.txt, line 3: "::1" is not a port from 1 to 65534; nothing was started\n'])
    await writeFile(join(stage.folder, 'latin1.txt'), Buffer.from('1\nM\xff 192.0.2.1 1\n0', 'latin1'))
    const latin1 = await stage.peal('server', 22000, 'latin1.txt').ended
    deepEqual([latin1.code, latin1.stderr], [65, 'peal: latin1.txt, line 2: bytes that are no UTF-8; nothing was started\n'])
    await writeFile(join(stage.folder, 'escape.txt'), '1\n\u001b[2J')
    const escape = await stage.peal('server', 22000, 'escape.txt').ended
    deepEqual([escape.code, escape.stderr.includes('<U+001B>[2J'), escape.stderr.includes('\u001b')], [65, true, false])
    const missing = await stage.peal('server', 22000, 'none.txt').ended
    deepEqual([missing.code, missing.stderr.startsWith('peal: none.txt: ENOENT')], [66, true])
    const program = stage.peal('server', 22000, 'saved.txt', '--host', '127.0.0.1')
    const [, port] = await program.line(/^peal server at 127.0.0.1:(\d+)$/)
    const client = await stage.socket()
    equal(await ask(client, Number(port), 'leave-_-list 1-_-Foo Bar'), '200-_-null')
    equal(await ask(client, Number(port), 'leave-_-list 1-_-Me'), '464-_-null')
  })

  it('takes the next port when one is in use, and says so', async () => {
    const first = await stage.ourServer()
    const second = await stage.ourServer([], first.port)
    equal(second.port, first.port + 1)
    deepEqual(second.program.said[0], `port ${first.port} is in use; took ${second.port}`)
    const full = await stage.peal('server', first.port, '--host', '127.0.0.1', '--ports', `${first.port}-${second.port}`).ended
    deepEqual([full.code, /no port from \d+ to \d+ is free; .*--ports LOW-HIGH/.test(full.stderr)], [69, true])
  })

  it('says what is wrong with its arguments, and what to do', async () => {
    const wrong = async (...args: ReadonlyArray<string>): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await stage.peal('server', ...args).ended
      return [code, stderr.split('\n')[0] ?? '']
    }
    deepEqual(await wrong('100'), [64, 'peal: port 100 is outside the range 22000-22499; choose one inside it, or another range with --ports LOW-HIGH'])
    deepEqual(await wrong('22000', '--saves', 'nowhere'), [66, 'peal: nowhere is no folder; make it, or choose another with --saves DIR'])
    deepEqual((await wrong('--ports', '9-1'))[0], 64)
    deepEqual((await wrong('--host', 'localhost'))[0], 64)
    deepEqual((await wrong('--sves', 'x'))[0], 64)
    deepEqual(await wrong('--host', '192.0.2.99'), [69, 'peal: 192.0.2.99 is no address of this machine; choose another with --host'])
  })
})

describe('the end of our server', () => {
  const stage = useStage()

  it('waits for the ongoing message on SIGTERM, and starts no other', async () => {
    const { program, port } = await stage.ourServer()
    const client = await stage.socket()
    await askAll(client, port, [...populated, 'im-start-_-l-_-Me'])
    program.signal('SIGTERM')
    let reply = ''
    while (!reply.startsWith('503')) {
      reply = await ask(client, port, 'im-start-_-l-_-Foo')
      if (reply.startsWith('200')) await askAll(client, port, ['im-complete-_-l-_-Foo'])
    }
    equal(await ask(client, port, 'im-complete-_-l-_-Me'), '200-_-null')
    equal((await program.ended).code, 0)
  })

  it('comes at its deadline or at a second signal, and its exit code says that a message was cut', async () => {
    for (const drain of ['0', '600']) {
      const { program, port } = await stage.ourServer(['--drain', drain])
      const client = await stage.socket()
      await askAll(client, port, [...populated, 'im-start-_-l-_-Me'])
      program.signal('SIGINT')
      while (drain === '600' && !(await ask(client, port, 'im-start-_-l-_-Foo')).startsWith('503')) await askAll(client, port, ['im-complete-_-l-_-Foo'])
      if (drain === '600') program.signal('SIGINT')
      equal((await program.ended).code, 3)
    }
  })

  it('answers every save that it took, though it was told to end meanwhile', async () => {
    const { program, port } = await stage.ourServer()
    const client = await stage.socket()
    await askAll(client, port, populated)
    let answers = 0
    client.on('message', () => (answers += 1))
    for (let i = 0; i < 100; i++) client.send(`save-_-file${i % 4}.txt`, port, '127.0.0.1')
    await heard(client)
    program.signal('SIGTERM')
    for (let i = 0; i < 100; i++) client.send(`save-_-file${i % 4}.txt`, port, '127.0.0.1')
    const { code, stderr } = await program.ended
    deepEqual([code, stderr.includes('    at ')], [0, false], stderr)
    ok(answers > 0)
    ok((stderr.match(/"trouble"/g) ?? []).length <= 3, 'a flood does not fill the log')
  })

  it('logs a summary on SIGUSR1 and goes on', async () => {
    const { program, port } = await stage.ourServer()
    const client = await stage.socket()
    await askAll(client, port, populated)
    program.signal('SIGUSR1')
    await askAll(client, port, ['query-lists'])
    program.signal('SIGTERM')
    match((await program.ended).stderr, /"contacts":2,"lists":1,"ongoing":0,"received":\d+.*"msg":"summary"/)
  })
})
