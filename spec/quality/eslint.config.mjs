// What ESLint holds: `eslint -c spec/quality/eslint.config.mjs core shell spec`, from the top of the repository.
//
//   everywhere   type-checked strictness, exhaustive switches, awaited promises, small files and functions
//   core         no mutation, loop, class, exception or waiting; no clock, chance or locale; nothing ambient
//
// An exception is one comment, beside its line or at the top of its file, that names the rule and says why after `--`.
import js from '@eslint/js'
import functional from 'eslint-plugin-functional'
import { defineConfig } from 'eslint/config'
import { basename } from 'node:path'
import tseslint from 'typescript-eslint'

/** Rules of the house that no package has. */
const house = {
  rules: {
    // Reports on the line above, because a comment that names no rule would silence its own line.
    'exception-names-rule-and-reason': {
      create: (context) => ({
        Program: () => {
          for (const { value, loc } of context.sourceCode.getAllComments())
            if (/^\s*eslint(\s|-disable)/.test(value) && !/^\s*eslint-disable\S*\s+[a-z@].*\s--\s+\S/s.test(value))
              context.report({ loc: { line: loc.start.line - 1, column: 0 }, message: 'The exception below must say `rule -- why`.' })
        },
      }),
    },
    'file-is-one-word': {
      create: (context) => ({
        Program: (node) => {
          const [word] = basename(context.filename).split('.')
          if (!/^[a-z][a-z0-9]*$/.test(word)) context.report({ node, message: 'A file is called by one lower-case word.' })
          if (/^(utils?|helpers?|common|manager|handle|process|misc)$/.test(word))
            context.report({ node, message: `"${word}" names no noun or mechanism; call the file by what it holds.` })
        },
      }),
    },
  },
}

const imports = {
  fpTs: {
    regex: '^fp-ts(?!/lib/[A-Za-z]+\\.js$)',
    message: 'Import `fp-ts/lib/Name.js`: other paths type-check and then fail under plain Node, or load everything.',
  },
  itself: { regex: '^peal(/|$)', message: 'Import the source file: the package must not depend on its own build.' },
  doing: {
    regex: '^fp-ts/lib/(Console|Date|Random|\\w*(IO|Task)\\w*)\\.js$',
    caseSensitive: true,
    message: 'The core does nothing: effects are data, and time and chance come in with the command.',
  },
}

const everywhere = {
  plugins: { house },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
  rules: {
    eqeqeq: 'error',
    'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    'no-restricted-imports': ['error', { patterns: [imports.fpTs, imports.itself] }],
    'house/exception-names-rule-and-reason': 'error',
  },
}

const typed = {
  files: ['**/*.ts'],
  extends: [tseslint.configs.strictTypeChecked],
  languageOptions: { parserOptions: { projectService: true } },
  rules: {
    'house/file-is-one-word': 'error',
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
    '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
    '@typescript-eslint/triple-slash-reference': ['error', { lib: 'never', path: 'never', types: 'never' }],
  },
}

const scripts = {
  files: ['**/*.{mjs,cjs}'],
  languageOptions: { globals: { console: false, module: true, process: false, require: false, setTimeout: false, URL: false } },
}

/** Names that tie a result to when, where or how often it is computed. */
const impure = [
  [['Date', 'performance'], 'Time comes in with the command.'],
  [['crypto', 'Intl'], 'Chance comes in as a value, and no result depends on the machine.'],
  [['Promise', 'Atomics', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'], 'The core never waits: a deadline is state.'],
  [['process', 'console', 'Buffer', 'fetch'], 'The core knows no world around it.'],
  [['globalThis', 'Function', 'eval', 'WeakRef', 'FinalizationRegistry'], 'It would be a way round these rules.'],
].flatMap(([names, message]) => names.map((name) => ({ name, message })))

const shapes = [
  [':function[async=true], AwaitExpression, ImportExpression', 'The core never waits: effects are data.'],
  ['[declare=true], TSModuleDeclaration', 'The core declares nothing ambient: what it uses it imports.'],
  ['CallExpression[callee.property.name=/^(localeCompare|toLocale.*)$/]', 'Locales differ from machine to machine.'],
  ['TSPropertySignature[readonly!=true], TSIndexSignature[readonly!=true]', 'State is immutable: say `readonly`.'],
  [':not(TSTypeOperator) > TSArrayType, TSTypeReference[typeName.name=/^(Array|Map|Set)$/]', 'State is immutable: say `ReadonlyArray`.'],
].map(([selector, message]) => ({ selector, message }))

const core = {
  files: ['core/**/*.ts'],
  plugins: { functional },
  rules: {
    'functional/immutable-data': 'error',
    'functional/no-classes': 'error',
    'functional/no-let': 'error',
    'functional/no-loop-statements': 'error',
    'functional/no-this-expressions': 'error',
    'functional/no-throw-statements': 'error',
    'functional/no-try-statements': 'error',
    'no-restricted-globals': ['error', ...impure],
    'no-restricted-imports': ['error', { patterns: Object.values(imports) }],
    'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Chance comes in as a value.' }],
    'no-restricted-syntax': ['error', ...shapes],
    '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
    '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' }],
  },
}

const tests = {
  files: ['spec/**/*.spec.ts'],
  rules: { 'max-lines-per-function': 'off' },
}

export default defineConfig([js.configs.recommended, everywhere, scripts, typed, core, tests])
