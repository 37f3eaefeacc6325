// The keys of a peer and whom it has met, as files: nobody else can read them, nothing that stands there is ever lost, and a pair is one
// process's at a time.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { chmod, copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import { pins, type Address, type ContactId, type ContactName, type Identity, type PublicKey } from '../../core/index.js'
import { runFolder, stateFolder } from '../../shell/places.js'
import { lock } from '../../shell/identity/lock.js'
import { pinBook } from '../../shell/identity/pins.js'
import { keep, type IdentityName } from '../../shell/identity/secrets.js'
import { homeIn, type Program } from '../stage/program.js'
import { useStage } from '../stage/stage.js'
import { privateFolder, type Trouble } from '../../shell/private.js'

const me = 'me' as IdentityName
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

const had = <A>(outcome: Either<Trouble, A>): A => {
  ok(isRight(outcome), isLeft(outcome) ? outcome.left.sentence : '')
  return outcome.right
}
const refused = (outcome: Either<Trouble, unknown>): string => {
  ok(isLeft(outcome))
  return `${outcome.left._tag}: ${outcome.left.sentence}`
}

describe('the user\'s folders', () => {
  it('are those of the XDG base directory specification', () => {
    equal(stateFolder({ XDG_STATE_HOME: '/s' }), '/s/peal')
    for (const nothing of [undefined, '', 'relative/path']) equal(stateFolder({ XDG_STATE_HOME: nothing }), join(homedir(), '.local/state/peal'))
    equal(runFolder({ XDG_RUNTIME_DIR: '/r', XDG_STATE_HOME: '/s' }), '/r/peal')
    equal(runFolder({ XDG_RUNTIME_DIR: '', XDG_STATE_HOME: '/s' }), '/s/peal/run')
  })
})

describe('a pair of keys', () => {
  const stage = useStage()
  const folder = (): string => join(stage.folder, 'identities')
  const file = (): string => join(folder(), 'me.json')

  it('is made once, for its owner only, and is the same from then on', async () => {
    const first = had(await keep(folder(), me)())
    const second = had(await keep(folder(), me)())
    const other = had(await keep(folder(), 'other' as IdentityName)())
    deepEqual([first.made, second.made, first.path], [true, false, file()])
    deepEqual(second.secrets, first.secrets)
    const keys = [first.secrets.signing, first.secrets.sealing, other.secrets.signing, other.secrets.sealing]
    deepEqual(keys.map((key) => key.length), [32, 32, 32, 32])
    equal(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size, 4)
    deepEqual([await modeOf(folder()), await modeOf(file())], [0o700, 0o600])
    deepEqual((await readdir(folder())).sort(), ['me.json', 'other.json'])
  })

  it('is in a folder that is made with all above it, or told why not, at once', async () => {
    const deep = join(folder(), 'a', 'b')
    deepEqual([had(await privateFolder(deep)()), await modeOf(join(folder(), 'a')), await modeOf(deep)], [deep, 0o700, 0o700])
    const shared = join(folder(), 'c')
    for (const made of await Promise.all(Array.from({ length: 8 }, () => privateFolder(join(shared, 'd'))()))) had(made)
    await writeFile(join(folder(), 'file'), '')
    for (const path of [join(folder(), 'file'), join(folder(), 'file', 'in'), '/dev/fd/none/in']) ok(refused(await privateFolder(path)()).includes(path))
  })

  it('is one pair also where many processes make it at once', async () => {
    const programs = Array.from({ length: 6 }, () => stage.peal('id', '--as', 'me', '--json'))
    const said = await Promise.all(programs.map(async (program) => {
      equal((await program.ended).code, 0)
      return JSON.parse(program.said.join('')) as { readonly fingerprint: string; readonly made: boolean }
    }))
    equal(new Set(said.map(({ fingerprint }) => fingerprint)).size, 1)
    equal(said.filter(({ made }) => made).length, 1)
  })

  it('that is damaged, of a newer version, exposed or a link is refused with the cure, and stays as it is', async () => {
    had(await keep(folder(), me)())
    const good = await readFile(file(), 'utf8')
    const key = 'ab'.repeat(32)
    const wrong: ReadonlyArray<readonly [string, RegExp]> = [
      ['', /^Damaged: .*me\.json is damaged/],
      [good.slice(0, -10), /^Damaged: .*me\.json is damaged/],
      ['null', /^Damaged/],
      // one digit of a key, or of whose it is
      [good.replace(/"signing":"(.)/, (all, digit: string) => all.slice(0, -1) + (digit === '0' ? '1' : '0')), /^Damaged: .*does not hold two secret keys, and whose they are/],
      [good.replace(/"sealing":"(.)/, (all, digit: string) => all.slice(0, -1) + (digit === '0' ? '1' : '0')), /^Damaged/],
      [good.replace(/"id":"(.)/, (all, digit: string) => all.slice(0, -1) + (digit === '0' ? '1' : '0')), /^Damaged/],
      [JSON.stringify({ v: 1, signing: key, sealing: key.slice(2) }), /^Damaged/],
      [JSON.stringify({ v: 0, signing: key, sealing: key }), /^Damaged/],
      [JSON.stringify({ v: 1, signing: key.toUpperCase(), sealing: key }), /^Damaged/],
      [JSON.stringify({ v: 2, signing: key, sealing: key }), /^Damaged: .*newer version .*\(format 2, this one reads 1\)/],
      [JSON.stringify({ v: 2 }), /newer version/],
    ]
    for (const [text, sentence] of wrong) {
      await writeFile(file(), text)
      match(refused(await keep(folder(), me)()), sentence)
      equal(await readFile(file(), 'utf8'), text)
    }
    // one of a program before this
    const bare = good.replace(/,"id":"[0-9a-f]*"/, '')
    await writeFile(file(), bare)
    const { made, secrets } = had(await keep(folder(), me)())
    deepEqual([made, bare.length < good.length, good.includes(Buffer.from(secrets.signing).toString('hex'))], [false, true, true])
    await writeFile(file(), good)
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(file(), mode)
      match(refused(await keep(folder(), me)()), /^Exposed: .*can be read by others; chmod 600 \/.*me\.json$/)
    }
    await chmod(file(), 0o600)
    had(await keep(folder(), me)())
    await symlink(file(), join(folder(), 'link.json'))
    match(refused(await keep(folder(), 'link' as IdentityName)()), /^Exposed: .*symbolic link/)
    await mkdir(join(folder(), 'folder.json'))
    match(refused(await keep(folder(), 'folder' as IdentityName)()), /^Exposed: .*is no file/)
    await chmod(folder(), 0o755)
    match(refused(await keep(folder(), me)()), /^Exposed: .*chmod 700 /)
  })

  it('is not refused for what a process left that was killed while it wrote', async () => {
    await mkdir(folder(), { mode: 0o700 })
    await writeFile(join(folder(), '.me.json.0123456789ab'), '{"v":1,"sig', { mode: 0o600 })
    ok(had(await keep(folder(), me)()).made)
  })
})

describe('the lock of a pair of keys', () => {
  const stage = useStage()
  const folder = (): string => join(stage.folder, 'identities')
  const holder = (): Program => stage.play('holder', folder(), 'me')
  const verdict = async (program: Program): Promise<string> => (await program.line(/^(held|InUse).*/))[0]

  it('is had by exactly one of many that try at once, and is free again when that one is killed', async () => {
    for (let round = 0; round < 3; round++) {
      const programs = Array.from({ length: 5 }, holder)
      const said = await Promise.all(programs.map(verdict))
      const winners = programs.filter((_, i) => said[i]?.startsWith('held'))
      equal(winners.length, 1, said.join('\n'))
      for (const line of said) match(line, /^held|^InUse: the keys of "me" are in use by (process \d+|another process); --as NAME makes others$/)
      winners[0]?.signal('SIGKILL')
      await winners[0]?.ended
    }
  })

  it('says who has it, and is free again when that one ends', async () => {
    const first = holder()
    match(await verdict(first), /^held/)
    match(await verdict(holder()), new RegExp(`in use by process ${first.pid};`))
    match(await verdict(stage.play('holder', folder(), 'other')), /^held/)
    first.finish()
    equal((await first.ended).code, 0)
    match(await verdict(holder()), /^held/)
  })

  it('can be released, keeps no process from ending, and is nobody else\'s to take', async () => {
    const kept = had(await keep(folder(), me)())
    const held = had(await lock(folder(), me, kept)())
    match(refused(await lock(folder(), me, kept)()), new RegExp(`^InUse: .* in use by process ${process.pid};`))
    await writeFile(join(folder(), 'me.lock'), 'nonsense')
    match(refused(await lock(folder(), me, kept)()), /in use by another process;/)
    await held.release()
    await had(await lock(folder(), me, kept)()).release()
    equal(await modeOf(join(folder(), 'me.lock')), 0o600)
  })

  it('holds for a copy of the pair too', async function () {
    if (process.platform !== 'linux') return
    const kept = had(await keep(folder(), me)())
    await copyFile(kept.path, join(folder(), 'copy.json'))
    const copy = 'copy' as IdentityName
    const held = had(await lock(folder(), me, kept)())
    match(refused(await lock(folder(), copy, had(await keep(folder(), copy)()))()), /^InUse/)
    await held.release()
  })
})

describe('stored pins', () => {
  const stage = useStage()
  const folder = (): string => join(stage.folder, 'identities')
  const file = (): string => join(folder(), 'me.pins.json')
  const id = (digit: string): ContactId => digit.repeat(64) as ContactId
  const server: Identity = { id: id('a'), signs: 'b'.repeat(64) as PublicKey, seals: 'c'.repeat(64) as PublicKey }
  const at = { ip: '2001:db8::7', port: 22000 } as Address
  const pinned = ['Me', '__proto__', 'Foo "Bar"'].reduce(
    (all, name, i) => pins.pinContact(all, { server: server.id, name: name as ContactName, id: id(String(i)) }),
    pins.pinServer(pins.none, at, server),
  )

  it('are there in the next run, for their owner only', async () => {
    const book = had(await pinBook(folder(), me)())
    deepEqual(pins.listed(book.pins), { servers: [], contacts: [] })
    had(await book.store(pinned)())
    const again = had(await pinBook(folder(), me)()).pins
    deepEqual(pins.listed(again), pins.listed(pinned))
    deepEqual([pins.judgeServer(again, at, server), pins.contact(again, server.id, '__proto__' as ContactName)], ['same', id('1')])
    equal(await modeOf(file()), 0o600)
    deepEqual(await readdir(folder()), ['me.pins.json'])
  })

  it('are stored in the order in which they were given', async () => {
    const book = had(await pinBook(folder(), me)())
    const versions = Array.from({ length: 10 }, (_, i) => pins.pinContact(pins.none, { server: server.id, name: `c${i}` as ContactName, id: id('1') }))
    for (const outcome of await Promise.all(versions.map((version) => book.store(version)()))) had(outcome)
    ok(pins.contact(had(await pinBook(folder(), me)()).pins, server.id, 'c9' as ContactName))
  })

  it('that are damaged, newer or exposed are refused and stay as they are', async () => {
    had(await had(await pinBook(folder(), me)()).store(pinned)())
    const listed = pins.listed(pinned)
    const wrong = ['{', JSON.stringify({ v: 2, ...listed }), JSON.stringify({ v: 1, servers: [...listed.servers, ...listed.servers], contacts: [] }), JSON.stringify({ v: 1, servers: [], contacts: [['x', 'y', 'z']] })]
    for (const text of wrong) {
      await writeFile(file(), text)
      match(refused(await pinBook(folder(), me)()), /^Damaged/)
      equal(await readFile(file(), 'utf8'), text)
    }
    await chmod(file(), 0o644)
    match(refused(await pinBook(folder(), me)()), /chmod 600/)
  })

  it('that cannot be stored leave the old ones, and nothing beside them', async () => {
    const book = had(await pinBook(folder(), me)())
    await mkdir(join(file(), 'in the way'), { recursive: true })
    match(refused(await book.store(pinned)()), /^Unreadable: .*me\.pins\.json/)
    deepEqual(await readdir(folder()), ['me.pins.json'])
  })

  it('are whole and none is lost, whenever the process that stores them is killed', async () => {
    let least = 0
    for (let round = 0; round < 8; round++) {
      const program = stage.play('pinner', folder(), 'me')
      for (let line = 0; line <= round * 3; line++) await program.line(/^stored/)
      program.signal('SIGKILL')
      await program.ended
      const said = program.said.map((line) => Number(line.slice('stored '.length)))
      const { size } = had(await pinBook(folder(), me)()).pins.contacts
      const last = Math.max(least, ...said)
      ok(size === last || size === last + 1, `${size} pins, ${last} were said to be stored`)
      least = size
    }
  })
})

describe('peal id', () => {
  const stage = useStage()

  it('makes a pair at first use, says so and where, and shows it from then on', async () => {
    const first = stage.peal('id')
    equal((await first.ended).code, 0)
    const path = join(homeIn(stage.home).XDG_STATE_HOME, 'peal/identities/default.json')
    match(first.said.join('\n'), new RegExp(`^name +default\\nfingerprint +[a-z2-7]{52}\\nkept in +${path} \\(made now; .*\\)$`))
    equal(await modeOf(path), 0o600)
    const second = stage.peal('id', '--as', 'default', '--json')
    await second.ended
    const said = JSON.parse(second.said.join('')) as Readonly<Record<string, unknown>>
    deepEqual({ ...said, fingerprint: undefined }, { v: 1, name: 'default', fingerprint: undefined, file: path, made: false })
    ok(first.said.join('\n').includes(String(said['fingerprint'])))
  })

  it('ends with the code of the table where it cannot', async () => {
    const path = join(homeIn(stage.home).XDG_STATE_HOME, 'peal/identities')
    await mkdir(path, { recursive: true, mode: 0o700 })
    await writeFile(join(path, 'damaged.json'), '{"v":1}', { mode: 0o600 })
    await writeFile(join(path, 'open.json'), '{}', { mode: 0o644 })
    const cases: ReadonlyArray<readonly [string, number, RegExp]> = [
      ['damaged', 65, /^peal: .*damaged\.json is damaged/],
      ['open', 66, /^peal: .*chmod 600 .*open\.json\n$/],
      ['../x', 64, /1 to 64 letters/],
      ['me.pins', 64, /1 to 64 letters/],
      ['', 64, /1 to 64 letters/],
    ]
    for (const [name, code, sentence] of cases) {
      const ending = await stage.peal('id', '--as', name).ended
      equal(ending.code, code, name)
      match(ending.stderr, sentence)
    }
  })
})
