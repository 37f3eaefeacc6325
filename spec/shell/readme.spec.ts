// The README is true: its example runs and prints what it says, and its tables are the program's own.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { classic, self, server } from '../../core/index.js'
import { JsonEvent } from '../../shell/index.js'
import { commands } from '../../shell/cli/commands.js'
import { exitCodes } from '../../shell/cli/exitcodes.js'
import { orders } from '../../shell/cli/orders.js'
import { told } from '../../shell/cli/journal.js'
import { shown } from '../../shell/cli/replay.js'
import { Chronicle, usual } from '../model/chronicle.js'
import { create, free, on, start } from '../model/desk.js'
import { all, nobody, pastOf } from '../model/past.js'
import { markdownTable } from '../../shell/cli/rows.js'
import { root } from '../protocol.js'

const run = promisify(execFile)
const readme = await readFile(new URL('README.md', root), 'utf8')

describe('the README', () => {
  it('has an example that runs under plain Node and prints what it says', async () => {
    const [, example = ''] = /```ts\n([^]*?)```/.exec(readme) ?? []
    const folder = await mkdtemp(join(tmpdir(), 'peal-readme-'))
    await symlink(fileURLToPath(new URL('node_modules', root)), join(folder, 'node_modules'))
    const { outputText } = ts.transpileModule(example.replace("'peal'", `'${new URL('.dist/core/index.js', root).href}'`), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    })
    await writeFile(join(folder, 'example.mjs'), outputText)
    const { stdout } = await run(process.execPath, [join(folder, 'example.mjs')])
    await rm(folder, { recursive: true })
    const member = '{"name": "Me", "ip": "192.168.2.7", "port": 22000}'
    deepEqual(stdout.trim().split('\n'), ['200-_-null', '200-_-null', '200-_-null', `200-_-{"num_contacts_in_list": 1, "contact_list": [${member}]}`, '463-_-null', '0'])
  })

  it('shows the commands and the exit codes as the program has them', () => {
    ok(readme.includes(markdownTable(commands)))
    ok(readme.includes(markdownTable(orders(undefined))))
    const table = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`)
    ok(readme.includes(['| exit code | meaning |', '|---|---|', ...table].join('\n')))
  })

  it('shows a journal and a directory as the program tells them', () => {
    const desk = new Chronicle()
    for (const [n, contact] of ['Alice', 'Bob'].entries()) equal(desk.register(n, contact), 200)
    for (const [list, policy] of [['friends', 'open'], ['club', 'closed']] as const) equal(desk.ask(0, create(list, policy)), 200)
    equal(desk.ask(0, on('Invite', 'club', 'Bob')), 200)
    for (const [n, list, contact] of [[1, 'friends', 'Bob'], [0, 'club', 'Alice'], [1, 'club', 'Bob']] as const) equal(desk.ask(n, on('Join', list, contact)), 200)
    const { until } = desk.granted(1, start('club', { size: 12 }))
    desk.now += 2136
    equal(desk.ask(0, on('Join', 'friends', 'Alice')), 463)
    const then = desk.state.at
    desk.now = until
    desk.give(self, server.wake)
    const past = pastOf(nobody(free), desk.records, usual)
    const journal = all(told(past, { from: undefined, until: undefined, json: false, columns: undefined })).lines.slice(-3)
    const directory = all(shown(past, { until: { _tag: 'Time', at: then }, now: then, json: false, columns: undefined })).lines
    const bare = (line: string): string =>
      line.replace(/^\d+ +(?=\S+ {2})/, 'N  ').replace(/\d{4}-\d\d-\d\dT[\d:.]{12}/g, 'T').replace(/[0-9a-f]{28}/g, 'I').replace(/\([a-z2-7]{8}\)/g, '(F)').trimEnd()
    const lines = readme.split('\n').map(bare)
    for (const line of [...journal, ...directory.slice(-5)]) ok(line === '' || lines.includes(bare(line)), bare(line))
  })

  it('has a protocol that lists every event of --json', async () => {
    const protocol = await readFile(new URL('spec/PROTOCOL.md', root), 'utf8')
    const listed = [...protocol.matchAll(/^\| `([A-Z][A-Za-z]+)` \|/gm)].map(([, tag]) => tag)
    deepEqual(listed, [...JsonEvent.name.matchAll(/_tag: "(\w+)"/g)].map(([, tag]) => tag))
  })

  it('has a protocol that lists every code with its sentence', async () => {
    const protocol = await readFile(new URL('spec/PROTOCOL.md', root), 'utf8')
    const rows = Object.entries(classic.codes).map(([name, { code, sentence }]) => ({ code, row: `| ${code} | ${name} | ${sentence} |` }))
    ok(protocol.includes(rows.sort((a, b) => a.code - b.code).map(({ row }) => row).join('\n')))
  })

  it('names scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }
    const named = [...readme.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name = '']) => name)
    ok(named.length > 0)
    deepEqual(named.filter((name) => scripts[name] === undefined), [])
    equal(typeof scripts['test'], 'string')
  })
})
