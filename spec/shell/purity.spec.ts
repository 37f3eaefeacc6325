// No file of the core can name Node, the shell, a clock or chance without the build or the lint failing. Tried on files that do:
// the compiler gets each as a new file of the core, under the core's own settings; ESLint gets it as if `core/index.ts` said it.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ESLint } from 'eslint'
import ts from 'typescript'

const root = dirname(createRequire(import.meta.url).resolve('peal/package.json'))

const innocent = `// Halves even numbers.
import * as O from 'fp-ts/lib/Option.js'
export const half = (n: number): O.Option<number> => (n % 2 === 0 ? O.some(n / 2) : O.none)
`

const notCompiled: ReadonlyArray<readonly [string, RegExp]> = [
  [`import fs from 'node:fs'`, /Cannot find name 'node:fs'/],
  [`import 'fs'`, /Cannot find .*'fs'/],
  [`export const load = import('node:fs')`, /Cannot find name 'node:fs'/],
  [`import '../shell/index.js'`, /is not under 'rootDir'/],
  [`import '../spec/shell/package.spec.js'`, /is not under 'rootDir'/],
  [`process.exit()`, /Cannot find name 'process'/],
  [`setTimeout(() => undefined, 1)`, /Cannot find name 'setTimeout'/],
  [`export const bytes = Buffer.from('')`, /Cannot find name 'Buffer'/],
  [`export const decoder = new TextDecoder()`, /Cannot find name 'TextDecoder'/],
  [`console.log('')`, /Cannot find name 'console'/],
  [`export const id = crypto.randomUUID()`, /Cannot find name 'crypto'/],
]

const notLinted: ReadonlyArray<readonly [string, string]> = [
  [`export const now = Date.now()`, 'no-restricted-globals'],
  [`export const now = new Date()`, 'no-restricted-globals'],
  [`export const all = Promise.all([])`, 'no-restricted-globals'],
  [`export const chance = Math.random()`, 'no-restricted-properties'],
  [`export { random } from 'fp-ts/lib/Random.js'`, 'no-restricted-imports'],
  [`export * from 'peal/shell'`, 'no-restricted-imports'],
  [`/// <reference types="node" />`, '@typescript-eslint/triple-slash-reference'],
  [`declare const process: { exit(): never }`, 'no-restricted-syntax'],
  [`/* eslint-disable */`, 'house/exception-names-rule-and-reason'],
]

/** What the compiler holds against `text` as a file of the core. Keeps what it has read from one text to the next. */
const compiler = (): ((text: string) => string) => {
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'core/tsconfig.json'), {}, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => assert.fail(ts.flattenDiagnosticMessageText(messageText, '\n')),
  })
  assert(config)
  const disk = ts.createCompilerHost(config.options)
  const read = new Map<string, ts.SourceFile | undefined>()
  const file = join(root, 'core/snippet.ts')
  return (text) => {
    const host: ts.CompilerHost = {
      ...disk,
      fileExists: (name) => name === file || disk.fileExists(name),
      getSourceFile: (name, options) => {
        if (name === file) return ts.createSourceFile(name, text, options)
        if (!read.has(name)) read.set(name, disk.getSourceFile(name, options))
        return read.get(name)
      },
    }
    const program = ts.createProgram({ rootNames: [...config.fileNames, file], options: config.options, host })
    const source = program.getSourceFile(file)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n')
  }
}

describe('the core stays pure', () => {
  describe('the compiler', () => {
    const complaints = compiler()

    it('lets an innocent file pass', () => {
      assert.equal(complaints(innocent), '')
    })
    for (const [text, complaint] of notCompiled)
      it(`refuses ${text}`, () => {
        assert.match(complaints(text), complaint)
      })
  })

  describe('the lint', () => {
    const eslint = new ESLint({ cwd: root, overrideConfigFile: join(root, 'spec/quality/eslint.config.mjs') })
    const complaints = async (text: string): Promise<ReadonlyArray<string>> => {
      const results = await eslint.lintText(text, { filePath: join(root, 'core/index.ts') })
      return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => ruleId ?? message))
    }

    it('lets an innocent file pass', async () => {
      assert.deepEqual(await complaints(innocent), [])
    })
    for (const [text, rule] of notLinted)
      it(`refuses ${text}`, async () => {
        assert((await complaints(text)).includes(rule))
      })
  })
})
