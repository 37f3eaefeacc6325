// The peer as a process, over real UDP: scripts, JSON lines, exit codes, lost neighbours, strangers.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { fold } from 'fp-ts/lib/Either.js'
import { JsonLine } from '../../shell/index.js'
import { ask, askAll, heard, useStage } from '../stage/stage.js'
import { rule } from '../protocol.js'
import type { Program } from '../stage/program.js'

/** A line of `--json`, decoded by the published codec; anything else fails the test. */
const event = (line: string): JsonLine =>
  fold(
    () => {
      throw new Error(`no JSON line: ${line}`)
    },
    (decoded: JsonLine) => decoded,
  )(JsonLine.decode(JSON.parse(line)))

const events = (program: Program): ReadonlyArray<JsonLine> => program.said.map(event)
const tags = (program: Program): ReadonlyArray<string> => events(program).map(({ _tag }) => _tag)
const codes = (program: Program): ReadonlyArray<number> => events(program).flatMap((line) => (line._tag === 'Answered' ? [line.code] : []))

/** Types lines, each when the one before is done. */
const type = async (program: Program, ...lines: ReadonlyArray<string>): Promise<void> => {
  for (const line of lines) {
    program.type(line)
    await program.line(/"_tag":"(Ready|TextWanted)"/)
  }
}

describe('our peers', () => {
  const stage = useStage()

  it('send a message round, show it once each, and release the list', async () => {
    const { port } = await stage.ourServer()
    const me = (await stage.ourPeer(port)).program
    const foo = (await stage.ourPeer(port)).program
    const bar = (await stage.ourPeer(port)).program
    await type(me, 'register Me', 'create "list 1"')
    await type(foo, 'register Foo', "join 'list 1' Foo")
    await type(bar, 'register "Bar none"', 'join list\\ 1 "Bar none"')
    await type(me, 'join "list 1" Me', 'im-start "list 1" Me', 'Привет, "you')
    deepEqual(events(me).flatMap((line) => (line._tag === 'Home' ? [line.members] : [])), [3])
    await type(me, 'im-start "list 1" Me and don\'t  forget # this', 'im-complete "list 1" Me', 'im-complete "list 1" Me')
    await bar.line(/don't {2}forget # this/)
    for (const member of [foo, bar]) {
      deepEqual(events(member).flatMap((line) => (line._tag === 'Shown' ? [[line.from, line.list, line.text]] : [])), [
        ['Me', 'list 1', 'Привет, "you'],
        ['Me', 'list 1', "and don't  forget # this"],
      ])
    }
    me.type('exit Me')
    equal((await me.ended).code, 0)
  })

  it(rule('C32'), async () => {
    const { port } = await stage.ourServer()
    const first = await stage.ourPeer(port)
    const second = await stage.ourPeer(port)
    deepEqual([first.port, second.port], [port + 1, port + 3])
  })

  it(rule('C29'), async () => {
    const { program, port } = await stage.ourPeer(24_000)
    const stranger = await stage.socket()
    const server = await stage.ourServer([], 24_000)
    equal(server.port, 24_000)
    for (let i = 0; i < 5; i++) stranger.send('200-_-{"num_lists": 1, "list_names": ["forged"]}', port, '127.0.0.1')
    await type(program, 'query-lists')
    const answer = events(program).find((line) => line._tag === 'Answered')
    deepEqual(answer?._tag === 'Answered' && answer.lists, [])
  })

  it('report a message that does not come home because a member was killed', async () => {
    const { port } = await stage.ourServer()
    const me = (await stage.ourPeer(port)).program
    const foo = (await stage.ourPeer(port)).program
    const bar = (await stage.ourPeer(port)).program
    await type(foo, 'register Foo', 'create l', 'join l Foo')
    await type(bar, 'register Bar', 'join l Bar')
    await type(me, 'register Me', 'join l Me')
    bar.signal('SIGKILL')
    await bar.ended
    await type(me, 'im-start l Me Anyone?')
    ok(tags(me).includes('Overdue'))
    await foo.line(/"_tag":"Shown"/)
    await type(me, 'leave l Me', 'im-complete l Me', 'leave l Me')
    deepEqual(codes(me).slice(-3), [463, 200, 200])
    me.finish()
    equal((await me.ended).code, 3)
  })

  it('pass over garbage and strangers\' relays at P + 1', async () => {
    const { port } = await stage.ourServer()
    const peer = await stage.ourPeer(port)
    const stranger = await stage.socket()
    const relay = `{"num_contacts_in_list": 2, "contact_list": [{"name": "\u001b[2JEvil", "ip": "127.0.0.1", "port": ${stranger.address().port - 1}}, {"name": "Me", "ip": "127.0.0.1", "port": ${peer.port}}], "text_message": "\\u001b]0;owned\\u0007", "pointer": 2}`
    for (const garbage of ['', '{', '[]', 'x'.repeat(60_000), relay.replace('"pointer": 2', '"pointer": 9'), relay.replaceAll('\u001b', '\\u001bx')]) stranger.send(garbage, peer.port + 1, '127.0.0.1')
    match((await heard(stranger)).text, /"pointer": 3\}$/)
    const shown = peer.program.said.find((line) => line.includes('"Shown"')) ?? ''
    // eslint-disable-next-line no-control-regex -- that none is printed is what is tested
    ok(!/[\u0000-\u001f\u007f-\u009f]/.test(shown), shown)
    await type(peer.program, 'query-lists')
  })

  it('show on a screen nothing that a stranger could write to command it', async () => {
    const { port } = await stage.ourServer()
    const human = stage.peal('peer', '--classic', '127.0.0.1', port, '--ports', `${port}-${port + 100}`, '--stay')
    human.finish()
    const ports = await human.complaint(/messages at port (\d+)/)
    const stranger = await stage.socket()
    stranger.send(
      `{"num_contacts_in_list": 2, "contact_list": [{"name": "\\u001b[2JEvil", "ip": "127.0.0.1", "port": ${stranger.address().port - 1}}, {"name": "Me", "ip": "127.0.0.1", "port": 1}], "text_message": "\\u001b]0;owned\\u0007", "pointer": 2}`,
      Number(ports[1]),
      '127.0.0.1',
    )
    await human.line(/^<U\+001B>\[2JEvil: <U\+001B>\]0;owned<U\+0007>$/)
    human.signal('SIGTERM')
    // eslint-disable-next-line no-control-regex -- that none is printed is what is tested
    ok(!/\u001b/.test(human.said.join('') + (await human.ended).stderr))
  })

  it('take the line after a refused im-start for its text, not for a command', async () => {
    const { port } = await stage.ourServer()
    const peer = (await stage.ourPeer(port)).program
    peer.type('register Me', 'im-start nolist Me', 'exit Me', 'create l', 'join l Me')
    peer.finish()
    equal((await peer.ended).code, 1)
    deepEqual(codes(peer), [200, 460, 200, 200])
    ok(peer.said.some((line) => line.includes('was the text of an im-start that was not granted')))
  })

  it('hold no list by an im-start whose text never comes', async () => {
    const { port } = await stage.ourServer()
    const client = await stage.socket()
    await askAll(client, port, ['register-_-Me-_-127.0.0.1-_-22000', 'create-_-l', 'join-_-l-_-Me'])
    const peer = (await stage.ourPeer(port)).program
    await type(peer, 'im-start l Me')
    peer.finish()
    equal((await peer.ended).code, 64)
    equal((await stage.peal('peer', '--classic', '127.0.0.1', port, '--ports', `${port}-${port + 100}`, 'im-start', 'l', 'Me').ended).code, 64)
    equal(await ask(client, port, 'leave-_-l-_-Me'), '200-_-null')
  })

  it('end with a sentence where there is no way to the server', async () => {
    const { code, stderr } = await stage.peal('peer', '--classic', '127.0.0.1', 22_000, '--host', '::1', 'query-lists').ended
    deepEqual([code, /^peal: no way from ::1 to 127\.0\.0\.1:22000: .*; try another --host\n$/.test(stderr)], [69, true], stderr)
  })

  it('register an IPv4 address also from a socket of both families', async () => {
    const { port } = await stage.ourServer()
    const peer = (await stage.ourPeer(port, ['--host', '::'])).program
    await type(peer, 'register Me')
    const answer = events(peer).find((line) => line._tag === 'Answered')
    deepEqual(answer?._tag === 'Answered' && answer.about.args.slice(0, 2), ['Me', '127.0.0.1'])
  })

  it('go on relaying after the end of input with --stay, until a signal', async () => {
    const { port } = await stage.ourServer()
    const stays = (await stage.ourPeer(port, ['--stay'])).program
    stays.type('register Foo', 'create l', 'join l Foo')
    stays.finish()
    await stays.line(/"word":"join"/)
    const me = (await stage.ourPeer(port)).program
    me.type('register Me', 'join l Me', 'im-start l Me', 'Hello', 'im-complete l Me', 'exit Me')
    me.finish()
    equal((await me.ended).code, 0)
    await stays.line(/"text":"Hello"/)
    stays.signal('SIGTERM')
    equal((await stays.ended).code, 0)
    deepEqual(tags(stays).slice(-1), ['StillRegistered'])
  })

  it('do the same from a pipe, from -c and from the command line', async () => {
    const { port } = await stage.ourServer()
    const one = (...args: ReadonlyArray<string>): Promise<{ code: number | null; stderr: string }> => stage.peal('peer', '--classic', '127.0.0.1', port, '--ports', `${port}-${port + 100}`, ...args).ended
    equal((await one('register', 'Foo Bar')).code, 0)
    equal((await one('-c', 'create l', '-c', 'join l "Foo Bar"')).code, 0)
    equal((await one('im-start', 'l', 'Foo Bar', 'Hello', 'there')).code, 0)
    equal((await one('leave', 'l', 'Foo Bar')).code, 75)
    equal((await one('leave', 'm', 'Foo Bar')).code, 1)
    equal((await one('im-complete', 'l', 'Foo Bar')).code, 0)
    const mistake = await one('jion', 'l', 'x')
    deepEqual([mistake.code, /not done: unknown command 'jion' \(Did you mean join\?\)/.test(mistake.stderr)], [64, true])
    const client = await stage.socket()
    equal(await ask(client, port, 'leave-_-l-_-Foo Bar'), '200-_-null')
  })

  it('write no escape sequence into a pipe, whatever CI says', async () => {
    const { port } = await stage.ourServer()
    const program = stage.peal('peer', '--classic', '127.0.0.1', port, '--ports', `${port}-${port + 100}`, 'create', 'l')
    const { stderr } = await program.ended
    // eslint-disable-next-line no-control-regex -- that there is none is what is tested
    ok(!/\u001b/.test(program.said.join('') + stderr))
    deepEqual(program.said, ['create l: 200 done'])
  })

  it('say that nothing listens at the server\'s address, at once', async () => {
    const { code, stderr } = await stage.peal('peer', '--classic', '127.0.0.1', 22_477, 'create', 'l').ended
    deepEqual([code, /create l: nothing listens at the server's address; it was not done/.test(stderr)], [69, true])
  })

  it('say that the outcome is unknown when the server does not answer', async () => {
    const deaf = await stage.socket()
    const { code, stderr } = await stage.peal('peer', '--classic', '127.0.0.1', deaf.address().port, 'create', 'l').ended
    deepEqual([code, /create l: no answer after 1 send; whether it was done is unknown/.test(stderr)], [69, true])
  })

  it('ask again for what is safe to ask again, when the answer is lost', async () => {
    const lossy = await stage.socket()
    const peer = await stage.ourPeer(lossy.address().port)
    peer.program.type('query-lists')
    await heard(lossy)
    const again = await heard(lossy)
    equal(again.text, 'query-lists')
    lossy.send('200-_-{"num_lists": 0, "list_names": []}', again.port, '127.0.0.1')
    await peer.program.line(/"code":200/)
  })

  it('speak IPv6 as well', async () => {
    const server = stage.peal('server', 24_600, '--ports', '24600-25000', '--host', '::1')
    const [, port] = await server.line(/^peal server at \[::1\]:(\d+)$/)
    const args = ['peer', '--classic', '::1', port ?? '', '--ports', '24600-25000', '--json']
    const foo = stage.peal(...args)
    await foo.line(/"_tag":"Started","own":\{"ip":"::1"/)
    await type(foo, 'register Foo', 'create l', 'join l Foo')
    const me = stage.peal(...args, '-c', 'register Me', '-c', 'join l Me', '-c', 'im-start l Me Hello six')
    equal((await me.ended).code, 0)
    await foo.line(/Hello six/)
  })

  it('name what is wrong with their arguments', async () => {
    const wrong = async (...args: ReadonlyArray<string>): Promise<number | null> => (await stage.peal('peer', '--classic', ...args).ended).code
    equal(await wrong(), 64)
    equal(await wrong('127.0.0.1', 'x'), 64)
    equal(await wrong('127.0.0.1', '22000', '--hsot', '::1'), 64)
    equal(await wrong('no.such.host.invalid', '22000'), 64)
  })

  it('can be many in one process of the server', async () => {
    const { port } = await stage.ourServer()
    const client = await stage.socket()
    await askAll(client, port, Array.from({ length: 100 }, (_, i) => `register-_-c${i}-_-127.0.0.1-_-${20000 + i}`))
    equal(await ask(client, port, 'register-_-c100-_-127.0.0.1-_-20100'), '456-_-null')
  })
})
