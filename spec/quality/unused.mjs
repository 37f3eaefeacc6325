// Finds exports that nobody uses, by asking the compiler what each name in core, shell and spec stands for.
//
// What a root exports is used by definition. Any other export must be named in another file. A mere type may be named in its own:
// whoever exports a declaration has to export the types it is made of. Importing a name and passing it on are no uses.
// Prints a line for each unused export and exits with 1 when there is one.
import { relative, resolve } from 'node:path'
import ts from 'typescript'

const roots = /^(core\/index|shell\/index|shell\/cli\/main|spec\/testing)\.ts$|^spec\/(bench|standin|torture)\/|^spec\/simulation\/(campaign|cells)\.ts$|\.spec\.ts$/

const { config } = ts.readConfigFile('spec/tsconfig.json', ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], references: [] }, ts.sys, 'spec')
const names = ['core', 'shell', 'spec'].flatMap((folder) => ts.sys.readDirectory(folder, ['.ts']))
const program = ts.createProgram(names.map((name) => resolve(name)), { ...options, rootDir: resolve('.') })
const checker = program.getTypeChecker()

const here = (file) => relative('.', file.fileName).replaceAll('\\', '/')
const files = program.getSourceFiles().filter((file) => /^(core|shell|spec)\//.test(here(file)) && !file.isDeclarationFile)

const origin = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
const exportsOf = (module) => checker.getExportsOfModule(module).map(origin)
const isModule = (symbol) => Boolean(symbol.flags & ts.SymbolFlags.ValueModule)
const isMereType = (symbol) => !(symbol.flags & ts.SymbolFlags.Value)

const used = new Set()
const use = (symbol) => {
  if (used.has(symbol)) return
  used.add(symbol)
  if (isModule(symbol)) exportsOf(symbol).forEach(use)
}

const within = (node, declaration) =>
  declaration.getSourceFile() === node.getSourceFile() && declaration.pos <= node.pos && node.end <= declaration.end

/** What `node` uses: nothing where it declares, imports or passes on, and not the whole module where it stands before a dot. */
const usedBy = (node) => {
  const { parent } = node
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isNamespaceImport(parent) || ts.isImportClause(parent)) return undefined
  const found = ts.isShorthandPropertyAssignment(parent) ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node)
  if (found === undefined) return undefined
  const symbol = origin(found)
  const declarations = symbol.declarations ?? []
  const atHome = declarations.some((it) => it.getSourceFile() === node.getSourceFile())
  if (atHome && (!isMereType(symbol) || declarations.some((it) => within(node, it)))) return undefined
  const beforeDot = (ts.isPropertyAccessExpression(parent) && parent.expression === node) || (ts.isQualifiedName(parent) && parent.left === node)
  return isModule(symbol) && beforeDot ? undefined : symbol
}

const isImportCall = (node) => ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword

const visit = (node) => {
  const symbol = isImportCall(node) ? checker.getSymbolAtLocation(node.arguments[0]) : ts.isIdentifier(node) ? usedBy(node) : undefined
  if (symbol) use(symbol)
  ts.forEachChild(node, visit)
}

const modules = files.filter((file) => file.symbol !== undefined)
files.forEach(visit)
modules.filter((file) => roots.test(here(file))).forEach((file) => use(file.symbol))

const unused = modules.flatMap((file) =>
  checker.getExportsOfModule(file.symbol).flatMap((symbol) => {
    const declaration = symbol.declarations?.find((it) => it.getSourceFile() === file)
    if (declaration === undefined || used.has(origin(symbol))) return []
    const { line } = file.getLineAndCharacterOfPosition(declaration.getStart())
    return [`${here(file)}:${line + 1} ${symbol.name}: exported, and nobody else uses it`]
  }),
)

if (unused.length > 0) {
  console.log(unused.join('\n'))
  process.exitCode = 1
}
