// Traces of real programs, each written by its own process, and what is made of them: one story that ShiViz takes, and a drawing of it.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { chmod, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'
import { eventsOf } from '../../shell/index.js'
import { openTracer } from '../../shell/trace/tracer.js'
import { refusal } from '../model/shiviz.js'
import { gather, Member } from '../stage/company.js'
import { useStage } from '../stage/stage.js'

const read = async (file: string): Promise<ReadonlyArray<trace.Event>> => {
  const events = eventsOf(await readFile(file, 'utf8'))
  if (isLeft(events)) throw new Error(`${file}, line ${events.left.line}: ${events.left.reason}`)
  return events.right
}

const nameOf = ({ host }: trace.Event): string => trace.lifeOf(host).name

describe('programs that trace', () => {
  const stage = useStage()
  const at = (name: string): string => join(stage.folder, `${name}.trace`)
  const secret = 'Xylophone Quintessence'
  const company = ['server', 'alice', 'bob', 'carol']

  /** A server and three members, a message that goes round, and bob killed and back. */
  const story = async (): Promise<void> => {
    const server = await stage.sealedServer(['--request-rate', '0', '--trace', at('server')])
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => new Member(name, () => stage.sealedPeer(server.line, name, ['--trace', at(name)]))) as [Member, Member, Member]
    await gather('friends', [alice, bob, carol])
    await alice.sends('friends', secret)
    for (const member of [bob, carol]) await member.hears(secret)
    await bob.die()
    await alice.sends('friends', 'past bob')
    await bob.enter()
    const classic = await stage.ourPeer(server.port, ['--trace', at('dave')])
    classic.program.type('register dave', 'query-lists')
    await classic.program.line(/"_tag":"Answered".*/)
    await classic.program.line(/"_tag":"Answered".*/)
    await classic.program.stop()
    for (const { program } of [alice, bob, carol]) await program.stop()
    await server.program.stop()
  }

  it('write what ShiViz takes, each by itself and woven, with a receipt behind each sending, and neither text nor key', async () => {
    await story()
    const files = [...company, 'dave'].map(at)
    for (const file of files) {
      const text = await readFile(file, 'utf8')
      equal(refusal(text.trimEnd().split('\n')), undefined, file)
      ok(!text.includes(secret) && !/[0-9a-f]{32}/.test(text), file)
      equal((await stat(file)).mode & 0o077, 0)
    }
    const { stdout, code } = await outputOf('diagram', ...files, '--shiviz')
    equal(code, 0)
    equal(refusal(stdout), undefined)
    const woven = stdout.map((line) => trace.decodeEvent(line)).flatMap((event) => (isLeft(event) ? [] : [event.right]))
    equal(woven.length, (await Promise.all(files.map(read))).flat().length)
    const sends = new Map(woven.flatMap((event, i) => (event.kind === 'send' ? [[event.datagram, i] as const] : [])).reverse())
    for (const [i, event] of woven.entries()) if (event.kind === 'receive') ok((sends.get(event.datagram) ?? Infinity) < i, `${event.host}: ${event.label}`)

    const said = (name: string, kind: string): ReadonlyArray<string> => woven.filter((event) => nameOf(event) === name && event.kind === kind).map((event) => ('label' in event ? event.label : kind))
    const isTold = (name: string, kind: string, label: RegExp): void => ok(said(name, kind).some((one) => label.test(one)), `${name} ${kind} ${label.source}: ${said(name, kind).join(', ')}`)
    isTold('alice', 'send', /^relay$/)
    isTold('bob', 'receive', /^relay/)
    isTold('alice', 'receive', /^home \[1 2\]$/)
    isTold('server', 'receive', /^im-complete \d+$/)
    isTold('alice', 'note', /^report: 2 have it, 0 not, 0 unknown$/)
    isTold('alice', 'note', /^report: 1 have it, 0 not, 1 unknown$/)
    isTold('dave', 'send', /^query-lists$/)
    isTold('dave', 'receive', /^answer 200$/)
    isTold('server', 'note', /^SIGTERM$/)
    // the second one is free when its time is over, or the server ends before
    deepEqual([said('bob', 'stored').length > 0, said('server', 'lock').length, said('server', 'unlock').length > 0, said('carol', 'end').length], [true, 2, true, 1])
    deepEqual([...new Set(woven.filter((event) => nameOf(event) === 'bob').map(({ host }) => host))], ['bob', 'bob#2'])
    const stored = woven.find((event) => event.kind === 'stored' && nameOf(event) === 'carol')
    ok(company.slice(0, 3).every((name) => Object.keys(stored?.clock ?? {}).includes(name)))

    const atCarol = woven.filter((event) => nameOf(event) === 'carol')
    ok(atCarol.findIndex(({ kind }) => kind === 'stored') < atCarol.findIndex((event) => event.kind === 'send' && event.label === 'ack stored'))

    const drawn = await outputOf('diagram', ...files, '--only', 'friends')
    equal(drawn.code, 0)
    match(drawn.stdout.join('\n'), /^<svg [^]*>bob<[^]*begins again[^]*<\/svg>$/)
  })

  const outputOf = async (...args: readonly string[]): Promise<{ readonly stdout: ReadonlyArray<string>; readonly stderr: string; readonly code: number | null }> => {
    const program = stage.peal(...args)
    const { code, stderr } = await program.ended
    return { stdout: program.said, stderr, code }
  }

  it('are told which file is none, which line of it, and what was expected', async () => {
    const line = (count: number): string => trace.encodeEvent({ time: 1, host: trace.hostNameOf('a'), clock: { [trace.hostNameOf('a')]: count }, kind: 'note', label: 'so' })
    await writeFile(at('gap'), `${line(1)}\n${line(3)}\n`)
    await writeFile(at('other'), `${line(1)}\nHello\n`)
    await writeFile(at('torn'), `${line(1)}\n${line(2).slice(0, 30)}`)
    const [gap, other, torn, missing, strange] = await Promise.all([
      outputOf('diagram', at('gap')), outputOf('diagram', at('other')), outputOf('diagram', at('torn')), outputOf('diagram', at('missing')), outputOf('diagram', at('torn'), '--only', 'zoe'),
    ])
    deepEqual([gap, other, torn, missing, strange].map(({ code }) => code), [65, 65, 0, 66, 64])
    match(gap.stderr, /gap\.trace, line 2: the clock of a shows 3, and 2 comes next; expected a line that peal wrote with --trace/)
    match(other.stderr, /other\.trace, line 2: it is not JSON/)
    match(missing.stderr, /missing\.trace: ENOENT/)
    match(strange.stderr, /nothing in the trace is called "zoe": processes a/)
  })

  it('do not write into a file that is no trace, and do not begin', async () => {
    await writeFile(at('letter'), 'Dear Bob,\n', { mode: 0o600 })
    const { code, stderr } = await outputOf('server', '--memory', '--trace', at('letter'))
    deepEqual([code, await readFile(at('letter'), 'utf8')], [66, 'Dear Bob,\n'])
    match(stderr, /letter\.trace: line 1: it is not JSON; nothing was written to it/)
  })

  it('do not write where others can read it, nor where a symbolic link leads, and do not begin', async () => {
    await writeFile(at('shown'), '')
    await chmod(at('shown'), 0o640)
    await writeFile(at('aim'), '', { mode: 0o600 })
    await symlink(at('aim'), at('link'))
    const [shown, link] = await Promise.all(['shown', 'link'].map((name) => outputOf('server', '--memory', '--trace', at(name))))
    deepEqual([shown?.code, link?.code], [66, 66])
    match(shown?.stderr ?? '', /shown\.trace can be read by others; chmod 600 .*shown\.trace$/m)
    match(link?.stderr ?? '', /link\.trace: it is a symbolic link; nothing was written to it/)
    deepEqual(await Promise.all(['shown', 'aim'].map((name) => readFile(at(name), 'utf8'))), ['', ''])
    // a device is nobody's to read later, whatever it is called: /dev/stdout is a link
    await symlink('/dev/null', at('device'))
    const opened = await openTracer({ file: at('device'), role: 'member', now: () => 5, trouble: () => undefined })
    ok(!isLeft(opened), isLeft(opened) ? opened.left : '')
    await opened.right.close('done')
  })

  it('say once that the disk is full, and go on', async () => {
    const troubles: string[] = []
    const opened = await openTracer({ file: '/dev/full', role: 'member', now: () => 5, trouble: (sentence) => troubles.push(sentence) })
    ok(!isLeft(opened), isLeft(opened) ? opened.left : '')
    opened.right.begin([])
    for (let i = 0; i < 100; i++) opened.right.tell({ kind: 'note', label: 'so' })
    await opened.right.close('done')
    opened.right.tell({ kind: 'note', label: 'late' })
    equal(troubles.length, 1)
    match(troubles[0] ?? '', /^\/dev\/full: ENOSPC.*nothing more is traced$/)
  })

  it('leave out what a slow disk cannot take, and count no event that is not written', async () => {
    const file = at('flood')
    const opened = await openTracer({ file, role: 'member', now: () => 5, trouble: (sentence) => ok(false, sentence) })
    ok(!isLeft(opened))
    opened.right.begin([])
    // none of it can leave before this loop is over
    const label = 'x'.repeat(300)
    for (let i = 0; i < 30_000; i++) opened.right.tell({ kind: 'note', label })
    await opened.right.close('done')
    const events = await read(file)
    ok(events.length < 30_000)
    const [note, end] = events.slice(-2)
    match(note?.kind === 'note' ? note.label : '', /^\d+ events were left out/)
    equal(end?.kind, 'end')
  })
})
