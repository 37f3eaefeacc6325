// The operator's socket, and the program that speaks at it: who can reach it, what bounds it, and which socket a command finds.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import { call, controlPath, controlPorts, listen, type Control, type ControlAnswer } from '../../shell/control.js'
import { answerTo } from '../../shell/cli/operator.js'
import { understand } from '../../shell/cli/line.js'
import { operations } from '../../shell/cli/operations.js'
import { orders } from '../../shell/cli/orders.js'
import { runFolder } from '../../shell/places.js'
import { usage } from '../../shell/cli/rows.js'
import { homeIn } from '../stage/program.js'
import { useStage } from '../stage/stage.js'
import type { ContactName, ListName, Order } from '../../core/index.js'

const had = <E extends { readonly sentence: string }, A>(outcome: Either<E, A>): A => {
  ok(isRight(outcome), isLeft(outcome) ? outcome.left.sentence : '')
  return outcome.right
}

const echo = (words: ReadonlyArray<string>): Promise<ControlAnswer> => Promise.resolve({ code: 200, name: 'Done', sentence: 'done', lines: words })

describe('the operator\'s socket', () => {
  const stage = useStage()
  const folder = (): string => join(stage.folder, 'run', 'peal')
  const path = (): string => controlPath(folder(), 22000)
  const open: Control[] = []
  const dialled: Socket[] = []
  const serve = async (handle = echo): Promise<Control> => {
    const control = had(await listen(path(), handle)())
    open.push(control)
    return control
  }
  const dial = async (): Promise<Socket> => {
    const socket = connect(path()).on('error', () => undefined)
    dialled.push(socket)
    await once(socket, 'connect')
    return socket
  }
  const gone = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve))
  const said = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0])
  afterEach(async () => {
    for (const socket of dialled.splice(0)) socket.destroy()
    await Promise.all(open.splice(0).map((control) => control.close()))
  })

  it('is its owner\'s only, and gone when it is closed', async () => {
    const control = await serve()
    deepEqual([(await stat(path())).mode & 0o777, (await stat(folder())).mode & 0o777], [0o600, 0o700])
    deepEqual(await controlPorts(folder()), [22000])
    await control.close()
    open.pop()
    deepEqual([await readdir(folder()), await controlPorts(folder()), await controlPorts('/nowhere')], [[], [], []])
  })

  it('answers one line with one line, whatever the words', async () => {
    await serve()
    const words = ['save', 'a b', '"\n\u0000', 'é🔔']
    deepEqual(had(await call(path(), words)()), { code: 200, name: 'Done', sentence: 'done', lines: words })
    const socket = await dial()
    socket.write('{"v":1,"wor')
    socket.write('ds":["a"]}\n{"v":2,"words":[]}\nnonsense\n{"v":1,"words":["b"]}\n')
    socket.end()
    const answers = (await text(socket)).trimEnd().split('\n').map((line) => JSON.parse(line) as ControlAnswer & { readonly v: number })
    deepEqual(answers.map(({ v, code, lines }) => [v, code, ...lines]), [[1, 200, 'a'], [1, 400], [1, 400], [1, 200, 'b']])
  })

  it('takes one request at a time from each connection', async () => {
    let [atOnce, most] = [0, 0]
    await serve(async (words) => {
      most = Math.max(most, ++atOnce)
      await new Promise(setImmediate)
      atOnce -= 1
      return echo(words)
    })
    const socket = await dial()
    socket.end('{"v":1,"words":[]}\n'.repeat(20))
    equal((await text(socket)).trimEnd().split('\n').length, 20)
    equal(most, 1)
  })

  it('hangs up on a line of more than 8 KiB, ended or not', async () => {
    let asked = 0
    await serve((words) => {
      asked += 1
      return echo(words)
    })
    const longest = `{"v":1,"words":["${'x'.repeat(8192 - 20)}"]}`
    equal(longest.length, 8192)
    for (const [line, answers] of [[`${longest}\n`, 1], [`${longest} \n`, 0], ['x'.repeat(100_000), 0]] as const) {
      const socket = await dial()
      socket.write(line)
      if (answers > 0) match(await said(socket), /^\{"v":1,"code":200/)
      else await gone(socket)
    }
    equal(asked, 1)
  })

  it('takes eight connections at once and hangs up on the ninth', async () => {
    await serve()
    const request = '{"v":1,"words":[]}\n'
    const sockets = await Promise.all(Array.from({ length: 8 }, dial))
    for (const socket of sockets) {
      socket.write(request)
      await said(socket)
    }
    const ninth = await dial()
    await gone(ninth)
    sockets.pop()?.destroy()
    sockets[0]?.write(request)
    match(await said(sockets[0] as Socket), /"code":200/)
  })

  it('replaces the socket of a server that was killed, and no other thing', async () => {
    const killed = stage.play('listener', path())
    await killed.line(/^listening$/)
    const taken = await listen(path(), echo)()
    if (isRight(taken)) open.push(taken.right)
    ok(isLeft(taken) && taken.left._tag === 'InUse')
    killed.signal('SIGKILL')
    await killed.ended
    deepEqual([await readdir(folder()), await controlPorts(folder())], [['server-22000.sock'], []])
    const unreachable = await call(path(), ['help'])()
    ok(isLeft(unreachable) && unreachable.left._tag === 'Unreachable')
    await serve()
    deepEqual(had(await call(path(), ['a'])()).lines, ['a'])
    const file = controlPath(folder(), 22001)
    await writeFile(file, 'mine')
    const inTheWay = await listen(file, echo)()
    ok(isLeft(inTheWay) && inTheWay.left._tag === 'Exposed')
    equal((await stat(file)).size, 4)
  })

  it('says that the outcome is not known where the server ends without an answer', async () => {
    await mkdir(folder(), { recursive: true })
    const server = createServer((socket) => socket.once('data', () => socket.destroy())).listen(path())
    await once(server, 'listening')
    const outcome = await call(path(), ['save', 'x'])()
    ok(isLeft(outcome) && outcome.left._tag === 'Unreachable' && outcome.left.sentence.includes('not known'))
    await once(server.close(), 'close')
  })
})

describe('peal operator', () => {
  const stage = useStage()
  const folder = (): string => runFolder(homeIn(stage.home))
  const open: Control[] = []
  const given: Order[] = []
  const serve = async (port: number): Promise<void> => {
    const control = await listen(controlPath(folder(), port), answerTo((order) => {
      given.push(order)
      if (order._tag === 'QueryLists') return Promise.resolve({ code: 200, body: { _tag: 'Lists', names: ['a b', 'c\u001b'] as ListName[] } })
      return Promise.resolve({ code: order._tag === 'Join' ? 463 : order._tag === 'Save' ? 462 : order._tag === 'Exit' ? 999 : 200, body: { _tag: 'Nothing' } })
    }, () => 0))()
    open.push(had(control))
  }
  afterEach(async () => {
    await Promise.all(open.splice(0).map((control) => control.close()))
    given.length = 0
  })

  const run = async (...words: ReadonlyArray<string>): Promise<readonly [number | null, string]> => {
    const program = stage.peal('operator', ...words)
    const { code, stderr } = await program.ended
    return [code, `${program.said.join('\n')}${stderr}`.trimEnd()]
  }

  it('finds the only server, prints its answer, and ends with the code of the table', async () => {
    await serve(22000)
    deepEqual(await run('query-lists'), [0, '200 done\n"a b"\nc<U+001B>'])
    deepEqual(await run('join', 'l', 'Me'), [75, '463 an ongoing message keeps the membership as it is; try again when it is complete'])
    deepEqual(await run('save', 'monday.txt'), [1, '462 the file could not be written'])
    deepEqual(await run('exit', 'Me'), [1, '999 code 999'])
    deepEqual(await run('--port', '22000', 'create', '--closed', '-x'), [0, '200 done'])
    deepEqual(given, [{ _tag: 'QueryLists' }, { _tag: 'Join', list: 'l', contact: 'Me' }, { _tag: 'Save', file: 'monday.txt' }, { _tag: 'Exit', contact: 'Me' }, { _tag: 'Create', list: '-x', policy: 'closed' }])
  })

  it('tells a slip without a server, and no server or several with what to do', async () => {
    deepEqual(await run('jion', 'l'), [64, "peal: unknown command 'jion' (Did you mean join?); type help for the commands"])
    deepEqual(await run('save', '../x'), [64, 'peal: "../x" is not a plain file name: 1 to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit; no folders'])
    match((await run('help'))[1], /^Usage: <command>[^]*forget/)
    const [none, sentence] = await run('query-lists')
    deepEqual([none, sentence.includes('no server of this user runs here')], [69, true])
    await serve(22000)
    await serve(22007)
    deepEqual(await run('query-lists'), [64, 'peal: several servers run here; choose one with --port: 22000, 22007'])
    deepEqual(await run('--port', '22007', 'forget', 'Me'), [0, '200 done'])
    equal((await run('--port', '22008', 'forget', 'Me'))[0], 69)
  })

  it('reaches a running server', async () => {
    const { port, program } = await stage.ourServer()
    equal((await run('--port', String(port), 'nonsense'))[0], 64)
    match((await run('query-lists'))[1], /^\d{3} /)
    program.signal('SIGTERM')
    equal((await program.ended).code, 0)
    deepEqual(await readdir(folder()), [])
  })
})

describe('the tables of orders', () => {
  const me = 'Me' as ContactName
  const meant = (line: string, own?: ContactName): unknown => {
    const understood = understand(orders(own), line)
    return isLeft(understood) ? understood.left.sentence : understood.right._tag === 'Meant' ? understood.right.meaning : understood.right._tag
  }
  const order = (_tag: Order['_tag'], fields = {}): unknown => ({ _tag: 'Order', order: { _tag, ...fields } })

  it('mean what they say, and oneself where no contact is named', () => {
    deepEqual(meant('register "Foo Bar"'), { _tag: 'Register', contact: 'Foo Bar' })
    deepEqual(meant('accept Foo', me), { _tag: 'Accept', contact: 'Foo' })
    deepEqual(meant('create l'), order('Create', { list: 'l', policy: 'sealed' }))
    deepEqual(meant('create --open l'), order('Create', { list: 'l', policy: 'open' }))
    deepEqual(meant('create --closed -- --open'), order('Create', { list: '--open', policy: 'closed' }))
    deepEqual(meant('create -- --open'), order('Create', { list: '--open', policy: 'sealed' }))
    equal(meant('create --closed --open'), '--open is no option of create, which has one of --open, --closed; a name that begins with -- stands behind a --')
    equal(meant('members --foo'), '--foo is no option of members, which has none; a name that begins with -- stands behind a --')
    equal(meant('join --wait --detach'), '--detach is no option of join, which has one of --wait, --detach; a name that begins with -- stands behind a --')
    deepEqual(meant('create -- --sealed'), order('Create', { list: '--sealed', policy: 'sealed' }))
    deepEqual(meant('delete l'), order('Delete', { list: 'l' }))
    deepEqual(meant('query-lists'), order('QueryLists'))
    deepEqual(meant('members -l'), order('Members', { list: '-l' }))
    deepEqual(meant('invite l Foo'), order('Invite', { list: 'l', contact: 'Foo' }))
    for (const [word, tag] of [['join l', 'Join'], ['leave l', 'Leave'], ['exit', 'Exit']] as const) {
      const on = tag === 'Exit' ? {} : { list: 'l' }
      deepEqual(meant(word, me), order(tag, { ...on, contact: 'Me' }))
      deepEqual(meant(`${word} Foo`, me), order(tag, { ...on, contact: 'Foo' }))
      equal(meant(word), 'register first, or name the contact')
    }
  })

  it('answer a slip with its cure', () => {
    equal(meant('create --open'), "missing required argument 'list'; usage: create [--open|--closed] <list>")
    equal(meant('create a b'), "too many arguments for 'create'. Expected 1 argument but got 2; usage: create [--open|--closed] <list>")
    ok(String(meant('create "-_-"')).startsWith('"-_-" cannot be a list\'s name: '))
    ok(String(meant('invite l ""')).startsWith('"" cannot be a contact\'s name: '))
    equal(meant('save x'), "unknown command 'save' (Did you mean leave?); type help for the commands")
    equal(meant(''), 'Empty')
  })

  it('give the operator what is the operator\'s, each contact named', () => {
    deepEqual(operations.map(usage), ['save <file>', 'forget <contact>', 'create [--open|--closed] <list>', 'delete <list>', 'query-lists', 'members <list>', 'invite <list> <contact>', 'join <list> <contact>', 'leave <list> <contact>', 'exit <contact>', 'im-complete <list> <contact>', 'locks [--expired] [list]', 'withdraw <ticket>', 'unlock [--force] <list>'])
  })
})
