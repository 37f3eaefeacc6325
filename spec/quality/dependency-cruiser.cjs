// Which file may import which: `depcruise --config spec/quality/dependency-cruiser.cjs core shell spec`.
//
//   core  <──  shell  <──  spec        core: fp-ts/lib and io-ts, and sorted-btree behind two files
//
// Inside the core, the two machines do not know each other and the wire knows neither. No circles, and no file that nobody imports.

/** Where a reader, a program or a test begins; nobody has to import these. */
const roots = '^(core/index|shell/index|shell/cli/main|spec/testing)\\.ts$|^spec/(bench|standin|torture)/[^/]+\\.ts$|\\.spec\\.ts$|\\.d\\.ts$|\\.[cm]js$'

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    forbid('core-stands-alone', 'The core decides; it imports itself, fp-ts/lib and io-ts, and neither Node nor shell nor spec.',
      { path: '^core/' }, { pathNot: ['^core/', '^node_modules/fp-ts/lib/', '^node_modules/io-ts/', '^node_modules/sorted-btree/'] }),
    forbid('trees-stay-hidden', 'sorted-btree stands behind core/table and core/agenda, so that it can be replaced there.',
      { path: '^(core|shell)/', pathNot: '^core/(table|agenda)\\.ts$' }, { path: '^node_modules/sorted-btree/' }),
    forbid('shell-knows-the-core-only', 'The shell does what the core decided; what it promises is checked from outside.',
      { path: '^shell/' }, { path: '^spec/' }),
    forbid('machines-do-not-meet', 'Server and peer meet on the wire only.',
      { path: '^core/(server|peer)/' }, { path: '^core/(server|peer)/', pathNot: '^core/$1/' }),
    forbid('wire-knows-no-machine', 'The wire says how things are written, not what they do.',
      { path: '^core/wire/' }, { path: '^core/(server|peer)/' }),
    forbid('no-circles', 'Files that need each other are one file, or need a third.', {}, { circular: true }),
    forbid('no-orphans', 'Nobody imports it and it imports nobody: dead.', { orphan: true, pathNot: roots }, {}),
    forbid('resolvable', 'It has to be there.', {}, { couldNotResolve: true }),
    forbid('declared', 'What the program imports is in `dependencies`.',
      { path: '^(core|shell)/', pathNot: '\\.mjs$' }, { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'npm-optional', 'undetermined'] }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
}
