// What a person types and sees: the line being typed, completion, history, quoting, and what others wrote made visible.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { acquaintance } from '../../shell/cli/acquaintance.js'
import { commands } from '../../shell/cli/commands.js'
import { cycle, suggest, type Known } from '../../shell/cli/completion.js'
import { history, historyFile } from '../../shell/cli/history.js'
import { understand } from '../../shell/cli/line.js'
import { orders } from '../../shell/cli/orders.js'
import { quote, split } from '../../shell/cli/quoting.js'
import { markdownTable, usage } from '../../shell/cli/rows.js'
import { prompt, type Terminal } from '../../shell/cli/terminal.js'
import { visible, visibleJson } from '../../shell/cli/visible.js'

const known: Known = { lists: new Set(['list_1', 'list 2', 'friends']), contacts: new Set(['Foo', 'Foo Bar', 'Me']) }

interface Typist {
  readonly terminal: Terminal
  readonly lines: string[]
  readonly keys: (typed: string) => Promise<void>
  /** the terminal's last line, as a screen would show it */
  readonly screen: () => ReadonlyArray<string>
}

/** A terminal of 40 columns with somebody at it. */
const sitDown = (past = history(undefined)): Typist => {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { columns: 40, rows: 24, isTTY: true })
  const written: string[] = []
  output.on('data', (chunk: Buffer) => written.push(chunk.toString()))
  const lines: string[] = []
  const terminal = prompt({ input, output, errors: output }, commands, known, past, { line: (line) => lines.push(String(line)), end: () => undefined, interrupt: () => lines.push('^C') })
  terminal.want({ _tag: 'Command' })
  return {
    terminal,
    lines,
    keys: async (typed) => {
      for (const key of typed) {
        input.write(key)
        await turn()
      }
    },
    screen: () => painted(written.join(''), 40),
  }
}

/** A screen's lines after what was written: just enough of a terminal for what node:readline sends. */
const painted = (written: string, columns: number): ReadonlyArray<string> => {
  const rows: string[][] = [[]]
  let [row, column] = [0, 0]
  // eslint-disable-next-line no-control-regex -- a terminal's commands begin with ESC
  for (const [, csi, count, command, character] of written.matchAll(/(\u001b\[(\d*)([A-Za-z]))|([^])/gu)) {
    const n = Number(count === '' ? 1 : count)
    if (csi !== undefined && command === 'A') row = Math.max(0, row - n)
    else if (csi !== undefined && command === 'B') row += n
    else if (csi !== undefined && command === 'C') column += n
    else if (csi !== undefined && command === 'D') column -= n
    else if (csi !== undefined && command === 'G') column = n - 1
    else if (csi !== undefined && command === 'J') {
      rows.length = row + 1
      rows[row]?.splice(column)
    } else if (csi !== undefined && command === 'K') rows[row]?.splice(column)
    else if (character === '\r') column = 0
    else if (character === '\n') row += 1
    else if (character !== undefined) {
      if (column === columns) [row, column] = [row + 1, 0]
      while (rows.length <= row) rows.push([])
      const line = rows[row] ?? []
      while (line.length < column) line.push(' ')
      line[column] = character
      column += 1
    }
    while (rows.length <= row) rows.push([])
  }
  return rows.map((line) => line.join('').trimEnd())
}

describe('a line being typed', () => {
  it('is not broken by fifty messages that arrive', async () => {
    const { terminal, lines, keys, screen } = sitDown()
    await keys('hel')
    for (let i = 0; i < 50; i++) terminal.print(`message ${i}`, false)
    deepEqual(screen().slice(-3), ['message 48', 'message 49', '$ hel'])
    await keys('lo\r')
    deepEqual(lines, ['hello'])
    deepEqual(screen().slice(0, 50), Array.from({ length: 50 }, (_, i) => `message ${i}`))
    terminal.close()
  })

  it('is not broken either when it is longer than the screen is wide', async () => {
    const { terminal, lines, keys, screen } = sitDown()
    const long = 'x'.repeat(30) + 'y'.repeat(30) + 'z'.repeat(30)
    await keys(long)
    for (let i = 0; i < 3; i++) terminal.print(`message ${i}`, false)
    equal(screen().join('|').includes(`message 0|message 1|message 2|$ ${'x'.repeat(30)}`), true, screen().join('\n'))
    await keys('\r')
    deepEqual(lines, [long])
    terminal.close()
  })

  it('obeys the keys of every shell, and Ctrl-C clears it before it ends anything', async () => {
    const { terminal, lines, keys } = sitDown()
    await keys('world\u0001hello \u0005!\r')
    await keys('one two three\u0017\u0017four\r')
    await keys('gone\u0015kept\r')
    await keys('half a line\u0003\u0003')
    deepEqual(lines, ['hello world!', 'one four', 'kept', '^C'])
    terminal.close()
  })

  it('asks for a text with another prompt', () => {
    const { terminal, screen } = sitDown()
    terminal.want({ _tag: 'Text', list: 'l' })
    ok(screen().some((line) => line.startsWith('>')), screen().join('|'))
    terminal.close()
  })
})

describe('completion', () => {
  it('offers exactly the names with that beginning, sorted, and Tab again goes round', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', "'", '\\', 'é'), minLength: 1, maxLength: 4 })), fc.nat(3), (names, length) => {
        const met: Known = { lists: new Set(names), contacts: new Set() }
        const beginning = (names[0] ?? 'a').slice(0, length).replace(/[\s"'\\].*/s, '')
        const { candidates } = suggest(commands, `leave ${beginning}`, met)
        deepEqual(candidates, names.filter((name) => name.startsWith(beginning)).sort().map(quote))
        const complete = cycle(commands, met)
        let line = `leave ${beginning}`
        const seen = candidates.map(() => {
          const [[candidate = ''], stem] = complete(line)
          line = line.slice(0, line.length - stem.length) + candidate
          return candidate
        })
        deepEqual(seen, candidates)
        if (candidates.length > 1) deepEqual(complete(line)[0], [candidates[0]])
      }),
    )
  })

  it('knows which argument stands where', () => {
    const after = (line: string): ReadonlyArray<string> => suggest(commands, line, known).candidates
    deepEqual(after('im-'), ['im-complete', 'im-start'])
    deepEqual(after(''), [...commands.map(({ word }) => word), 'help'].sort())
    deepEqual(after('join '), ['friends', '"list 2"', 'list_1'].sort((a, b) => (a.replaceAll('"', '') < b.replaceAll('"', '') ? -1 : 1)))
    deepEqual(after('join friends F'), ['Foo', '"Foo Bar"'])
    deepEqual(after('join "list 2" F'), ['Foo', '"Foo Bar"'])
    deepEqual(after('join "li'), ['"list 2"', 'list_1'])
    deepEqual(after('help jo'), ['join'])
    deepEqual([after('save '), after('create friends x'), after('nonsense ')], [[], [], []])
  })

  it('knows the commands of the sealed wire, and the names in their answers', () => {
    const met = acquaintance()
    const answered = (word: string, ...args: ReadonlyArray<string>): void =>
      met.meet({ _tag: 'Answered', about: { word, args }, code: 200, name: 'Done', sentence: 'done', ...(word === 'members' ? { members: [{ name: 'Foo Bar', ip: '::1', port: 1 }] } : {}) })
    answered('create', 'list_1', 'closed')
    answered('members', 'friends')
    answered('invite', 'list_1', 'Me')
    const after = (line: string): ReadonlyArray<string> => suggest(orders(undefined), line, met).candidates
    deepEqual([after('de'), after('in'), after('acc')], [['delete'], ['invite'], ['accept']])
    deepEqual([after('members '), after('delete f'), after('invite list_1 ')], [['friends', 'list_1'], ['friends'], ['"Foo Bar"', 'Me']])
    deepEqual([after('accept F'), after('exit M'), after('create --'), after('create --open ')], [['"Foo Bar"'], ['Me'], ['--closed', '--open'], ['friends', 'list_1']])
  })

  it('never offers a name that a screen could not show as it is', () => {
    const met = acquaintance()
    met.meet({ _tag: 'Shown', from: 'Evil\u001b]0;owned\u0007', text: '', list: 'l\u202e' })
    met.meet({ _tag: 'Shown', from: 'Foo', text: '', list: 'l' })
    deepEqual([[...met.contacts], [...met.lists]], [['Foo'], ['l']])
    for (let i = 0; i < 5000; i++) met.meet({ _tag: 'Shown', from: `c${i}`, text: '' })
    deepEqual([met.contacts.size, met.contacts.has('c4999'), met.contacts.has('Foo')], [4096, true, false])
  })

  it('works at the prompt', async () => {
    const { terminal, lines, keys } = sitDown()
    await keys('jo\t fr\t Foo\t\t\r')
    deepEqual(lines, ['join friends "Foo Bar"'])
    terminal.close()
  })
})

describe('the history', () => {
  it('comes back in the next run, commands apart from the texts of each list, readable by its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'peal-history-'))
    const file = historyFile({ XDG_STATE_HOME: folder })
    const first = history(file)
    first.add(undefined, 'create l')
    first.add('l', 'Hello')
    first.add(undefined, 'join l Me')
    first.add(undefined, '   ')
    const second = history(file)
    deepEqual([second.lines(undefined), second.lines('l'), second.lines('m')], [['join l Me', 'create l'], ['Hello'], []])
    equal((await stat(file)).mode & 0o777, 0o600)
    const { terminal, lines, keys } = sitDown(second)
    await keys('\u001b[A\u001b[A\r')
    deepEqual(lines, ['create l'])
    terminal.close()
    await rm(folder, { recursive: true })
  })

  it('that cannot be read or written is left alone', () => {
    const nowhere = history('/dev/null/peal/history.jsonl')
    nowhere.add(undefined, 'create l')
    deepEqual(nowhere.lines(undefined), ['create l'])
  })
})

describe('quoting', () => {
  const words = (line: string): ReadonlyArray<string> | string => {
    const parsed = split(line)
    return isLeft(parsed) ? `${parsed.left.mark}${parsed.left.at}` : parsed.right.map(({ text }) => text)
  }

  it('splits as a shell does, and says which quote has no end', () => {
    deepEqual(words(`  create  'a  b'"c d"\\ e  "" '\\' "\\"\\\\\\n"`), ['create', 'a  bc d e', '', '\\', '"\\\\n'])
    deepEqual([words("don't"), words('a "b'), words('a\\')], ["'3", '"2', '\\1'])
  })

  it('round-trips any word', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
      const parsed = split(texts.map(quote).join(' '))
      ok(isRight(parsed))
      deepEqual(parsed.right.map(({ text }) => text), texts)
    }))
  })
})

describe('a typed line', () => {
  const meant = (line: string): unknown => {
    const understood = understand(commands, line)
    return isRight(understood) && understood.right._tag === 'Meant' ? [understood.right.meaning.wish._tag, understood.right.meaning.text] : isLeft(understood) ? understood.left.sentence : understood.right._tag
  }

  it('is understood by the table, and a mistake is answered with its cure', () => {
    deepEqual(meant('register Me'), ['Register', undefined])
    deepEqual(meant('register -x 192.0.2.1 22000'), ['Register', undefined])
    deepEqual(meant("im-start l Me don't  \"forget # this"), ['ImStart', "don't  \"forget # this"])
    deepEqual(meant('  '), 'Empty')
    equal(meant('jion l Me'), "unknown command 'jion' (Did you mean join?); type help for the commands")
    equal(meant('join l'), "missing required argument 'contact'; usage: join <list> <contact>")
    equal(meant('join l Me x'), "too many arguments for 'join'. Expected 2 arguments but got 3; usage: join <list> <contact>")
    ok(String(meant('register Me 192.0.2.256')).startsWith('"192.0.2.256" is not an IPv4 or IPv6 address'))
    ok(String(meant('register Me 192.0.2.1 65535')).includes('1 to 65534'))
    equal(meant('join "l Me'), 'the " at column 6 has no end; write \\" for the character itself')
  })

  it('asks for help on each command of the table, and on all', () => {
    const help = (line: string): string => {
      const understood = understand(commands, line)
      return isRight(understood) && understood.right._tag === 'Help' ? understood.right.text : ''
    }
    for (const row of commands) {
      ok(help('help').includes(row.word) && help('help').includes(row.summary))
      ok(help(`help ${row.word}`).startsWith(`Usage: ${usage(row)}`), help(`help ${row.word}`))
      ok(markdownTable(commands).includes(`\`${usage(row)}\``))
    }
  })
})

describe('what others wrote', () => {
  // eslint-disable-next-line no-control-regex -- that none is left is what is tested
  const harmful = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}|\p{M}{5}/u

  it('is shown without anything that could move a cursor, hide or reverse', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => ok(!harmful.test(visible(text)))), { numRuns: 3000 })
    equal(visible('\u001b[2Ja\u202eb\u0007\u009b'), '<U+001B>[2Ja<U+202E>b<U+0007><U+009B>')
    equal(visible(`Z${'\u0301'.repeat(1000)}`), `Z${'\u0301'.repeat(4)}`)
    equal(visible('Привет 🔔 e\u0301'), 'Привет 🔔 e\u0301')
  })

  it('is as harmless in JSON, and the same when it is read', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = visibleJson({ text })
      ok(!/[\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u.test(json))
      deepEqual(JSON.parse(json), { text })
    }), { numRuns: 3000 })
  })
})
