#!/usr/bin/env node
// The program `peal`: its subcommands and their options. Everything that can be said on its command line is said here; what a
// subcommand needs is loaded when it is called.
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { isIpv4, isIpv6, diary, limits, server, type delivery, type peer } from '../../core/index.js'
import { IdentityName, identityNameRule, usualNames } from '../identity/secrets.js'
import { exitCodes } from './exitcodes.js'
import { defaultDrainSeconds, defaultHistoryDays, logLevels, spanFrom, type LogLevel } from './settings.js'
import { limits as shellLimits } from '../limits.js'
import { formOf, shownForm } from '../stores/form.js'
import { portRangeFrom, usualPorts, type PortRange } from './ports.js'
import { visible } from './visible.js'
import { wholeNumber } from './whole.js'
import type { Failure } from './failure.js'

const version = (): string => {
  const { version: is } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
  return is
}

const span = (text: string): number => {
  const ms = spanFrom(text)
  if (isLeft(ms)) throw new InvalidArgumentError(ms.left)
  return ms.right
}

const portRange = (text: string): PortRange => {
  const range = portRangeFrom(text)
  if (isLeft(range)) throw new InvalidArgumentError(range.left)
  return range.right
}

const address = (text: string): string => {
  if (isIpv4(text) || isIpv6(text)) return text
  throw new InvalidArgumentError('expected an IPv4 or IPv6 address of this machine.')
}

const collect = (line: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [...lines, line]

const portsOption = (): Option =>
  new Option('--ports <LOW-HIGH>', 'the range of ports to use').argParser(portRange).default(usualPorts, `${usualPorts.low}-${usualPorts.high}`)

const identityName = (text: string): IdentityName => {
  if (IdentityName.is(text)) return text
  throw new InvalidArgumentError(`expected ${identityNameRule}.`)
}

const asOption = (): Option => new Option('--as <NAME>', `which of your pairs of keys; made at first use (default: "${usualNames.peer}")`).argParser(identityName)

const end = (outcome: Either<Failure, number>): void => {
  if (isLeft(outcome)) process.stderr.write(`peal: ${visible(outcome.left.sentence).slice(0, shellLimits.sentenceCharacters)}\n`)
  process.exitCode = isLeft(outcome) ? outcome.left.exit.code : outcome.right
}

const exitCodeHelp = (): string => ['', 'Exit codes:', ...Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)].join('\n')

interface ServerFlags {
  readonly ports: PortRange; readonly host: string; readonly saves: string; readonly contacts: number; readonly lists: number
  readonly messages: number; readonly replyBytes: number; readonly classic: 'off' | 'loopback' | 'lan' | 'open'; readonly classicLease: number; readonly requestRate: number
  readonly registerRate: number; readonly identity: IdentityName; readonly drain: number; readonly check: boolean; readonly logLevel: LogLevel
  readonly data?: string; readonly memory: boolean; readonly history: number; readonly trace?: string; readonly snapshotEvery: number; readonly olderSnapshot: boolean
}

const traceHelp = 'trace every datagram to that file, without texts and keys, for peal diagram; goes on where there is one'

const serverCommand = (): Command =>
  new Command('server')
    .summary('run a contact server')
    .description('Keeps contacts and contact lists. Ends on SIGINT or SIGTERM when no message is ongoing; a second signal ends it at once.')
    .argument('[port]', 'where to begin looking for a free port; the first of the range otherwise', wholeNumber(1, limits.highestContactPort))
    .argument('[saved-file]', 'a saved file to start from')
    .addOption(portsOption())
    .option('--host <address>', 'the address to bind; :: for IPv4 and IPv6', address, '0.0.0.0')
    .option('--data <DIR>', "the folder of the journal; made where it is missing (default: this user's own, one for each identity)")
    .addOption(new Option('--memory', 'keep the directory in memory only').default(false).conflicts(['data', 'olderSnapshot']))
    .option('--history <days>', 'how far back the journal reaches, for peal journal and peal replay', wholeNumber(0, 36_500), defaultHistoryDays)
    .option('--snapshot-every <N>', 'commands from one snapshot to the next', wholeNumber(1, 100_000_000), shellLimits.commandsPerSnapshot)
    .option('--older-snapshot', 'begin with the snapshot before the newest, when that is damaged', false)
    .option('--saves <DIR>', 'the folder that "save" writes into', '.')
    .option('--contacts <N>', 'contacts at once', wholeNumber(1, 1_000_000), limits.contacts)
    .option('--lists <N>', 'lists at once', wholeNumber(1, 1_000_000), limits.lists)
    .option('--messages <N>', 'ongoing messages of one list at once', wholeNumber(1, 10_000), limits.messagesPerList)
    .option('--reply-bytes <N>', 'longest reply; an original reads 2048', wholeNumber(512, 65507), limits.classicDatagramBytes)
    .addOption(new Option('--classic <whom>', 'whose classic datagrams are heard; lan: those of private addresses, 127.0.0.0/8 and ::1').choices(['off', 'loopback', 'lan', 'open']).default('lan'))
    .addOption(new Option('--classic-lease <time>', 'how long a message of the classic wire locks its list at most, as 90s, 10m or 2h; 0: until it is completed').argParser(span).default(limits.classicLeaseMs, '10m'))
    .option('--request-rate <N>', 'requests a second of one key, or of one classic source of another machine; 0: no bound', wholeNumber(0, 1_000_000), limits.keyRequestsPerSecond)
    .option('--register-rate <N>', 'registrations a minute from one address of another machine; 0: no bound', wholeNumber(0, 1_000_000), limits.registrationsPerMinute)
    .addOption(new Option('--identity <NAME>', 'which of your pairs of keys the server has; made at first use').argParser(identityName).default(usualNames.server))
    .option('--drain <seconds>', 'how long to wait for ongoing messages at the end', wholeNumber(0, 3600), defaultDrainSeconds)
    .option('--check', 'check the invariants after every step (slow: for development)', false)
    .option('--trace <FILE>', traceHelp)
    .addOption(new Option('--log-level <level>', 'what is logged to standard error').choices([...logLevels]).default('info'))
    .addHelpText('after', `\nIts data folders have the form ${shownForm(formOf(server))} and the rules ${server.rules}.`)
    .action(async (port: number | undefined, savedFile: string | undefined, { drain, data, trace, ...flags }: ServerFlags) =>
      end(await (await import('./serve.js')).serve({ port, savedFile, data, trace, drainMs: drain * 1000, ...flags })),
    )

interface PeerFlags {
  readonly ports: PortRange; readonly host?: string; readonly json: boolean; readonly stay: boolean; readonly command: ReadonlyArray<string>; readonly history: boolean
  readonly classic: boolean; readonly as?: IdentityName; readonly acceptServerKey: boolean; readonly require?: peer.sealed.Required
  readonly patience?: delivery.Patience; readonly allowClassic: boolean; readonly data?: string; readonly trace?: string; readonly memory: boolean
}

const required = (text: string): peer.sealed.Required => {
  if (text === 'all' || text === 'majority') return text
  const members = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (members >= 1 && members <= limits.ringMembers) return members
  throw new InvalidArgumentError(`expected all, majority or a whole number from 1 to ${limits.ringMembers}.`)
}

const peerCommand = (): Command =>
  new Command('peer')
    .summary('chat: a prompt, a script or one command')
    .description('At a terminal: a prompt; type help. Otherwise commands come from standard input, one a line, the line after im-start being its text.')
    .usage('[options] <server-ip> <server-port> [command...]\n       peal peer [options] <host:port#fingerprint> [command...]')
    .argument('<server>', "the server's address, and then its port; or host:port, perhaps with #fingerprint")
    .argument('[command...]', 'one command instead of standard input: join friends bob; behind -- where a word begins with a dash')
    .option('--classic', 'speak the old wire, in clear: with original servers and peers', false)
    .addOption(new Option('--sealed', 'speak the sealed wire, which is what a peer does anyway').conflicts('classic').hideHelp())
    .addOption(asOption())
    .option('--accept-server-key', "take and pin the server's key though another was pinned", false)
    .addOption(portsOption())
    .option('--require <who>', 'how many of the others must have a message, or the exit code says otherwise: all, majority or a number', required)
    .addOption(new Option('--patience <how-long>', 'how long a message may lock its list, by the usual').choices(['once', 'twice', 'thrice']))
    .option('--allow-classic', 'send every message to classic members too, in clear, for anybody on the way to read', false)
    .option('--data <DIR>', "the folder of your diaries, one for each server; made where it is missing (default: this user's own, for each of your keys)")
    .addOption(new Option('--memory', 'keep the diary in memory only').default(false).conflicts('data'))
    .option('--host <address>', 'the address to bind and to register; the one that faces the server otherwise', address)
    .option('-c, --command <line>', 'a line as typed at the prompt; may be repeated', collect, [])
    .option('--json', 'one JSON object a line for everything that happens', false)
    .option('--stay', 'at the end of input go on relaying until a signal', false)
    .option('--trace <FILE>', traceHelp)
    .option('--no-history', 'neither read nor write the history of typed lines')
    .addHelpText('after', `\nIts diaries have the form ${shownForm(formOf(diary.ledger))} and the rules ${diary.ledger.rules}.`)
    .action(async (server: string, words: ReadonlyArray<string>, { host, command, as, require, patience, data, trace, ...flags }: PeerFlags) =>
      end(await (await import('./chat.js')).chat({ server, words, lines: command, host, as, require, patience, data, trace, ...flags })),
    )

interface IdFlags {
  readonly as?: IdentityName; readonly json: boolean
}

const idCommand = (): Command =>
  new Command('id')
    .summary('show your fingerprint')
    .description('Shows by what others know you, and where your keys are kept. Whoever has that file is you.')
    .addOption(asOption())
    .option('--json', 'as a JSON object', false)
    .action(async ({ as = usualNames.peer, json }: IdFlags) => {
      const { id } = await import('./id.js')
      end(await id({ as, json }))
    })

const operatorCommand = (): Command =>
  new Command('operator')
    .summary('give a command to a server of yours on this machine')
    .description('Reaches the server by a socket that only its own user can open; help shows the commands.')
    .argument('<command...>', 'the command; behind -- where a word begins with a dash')
    .option('--port <N>', "the server's port; may be left out where only one runs", wholeNumber(1, 65535))
    .option('--json', 'as a JSON object', false)
    .passThroughOptions()
    .action(async (words: ReadonlyArray<string>, { port, json }: { readonly port?: number; readonly json: boolean }) =>
      end(await (await import('./operator.js')).operator({ port, words, json })),
    )

const moment = 'a position, or a time: "2026-11-22 14:00", "yesterday 14:00", 14:00, 2h (ago)'

interface JournalFlags {
  readonly json: boolean; readonly from?: string; readonly until?: string; readonly verify: boolean
}

const journalCommand = (): Command =>
  new Command('journal')
    .summary('show what a server did')
    .description('One line a record: its position, its time here, who did what, and what came of it. Changes nothing; the server may be running.')
    .argument('<DIR>', 'the data folder of the server')
    .option('--from <MOMENT>', `the first record: ${moment}`)
    .option('--until <MOMENT>', 'the last record, named in the same way')
    .addOption(new Option('--verify', 'check instead that every kept snapshot is what the records since the one before lead to').default(false).conflicts(['from', 'until']))
    .option('--json', 'one JSON object a record', false)
    .action(async (folder: string, { from, until, ...flags }: JournalFlags) => end(await (await import('./journal.js')).journal({ folder, from, until, ...flags })))

interface ReplayFlags {
  readonly json: boolean; readonly until?: string
}

const replayCommand = (): Command =>
  new Command('replay')
    .summary('show the directory as it was')
    .description('Contacts, lists, and the messages that were ongoing, as they were at any moment that the data folder knows. Changes nothing; the server may be running.')
    .argument('<DIR>', 'the data folder of the server')
    .option('--until <MOMENT>', `${moment}; the newest otherwise`)
    .option('--json', 'one JSON object a contact, list and ongoing message', false)
    .action(async (folder: string, { until, json }: ReplayFlags) => end(await (await import('./replay.js')).replay({ folder, until, json })))

interface DiagramFlags {
  readonly from?: number; readonly to?: number; readonly only?: string; readonly limit?: number; readonly last: boolean; readonly title?: string; readonly shiviz: boolean
}

const diagramCommand = (): Command =>
  new Command('diagram')
    .summary('draw who told whom, and when')
    .description('A line for each process, downwards in time, and an arrow for each datagram: an SVG at standard output, of the traces that servers, peers or a simulation wrote.')
    .argument('<FILE...>', 'traces of processes that talked with each other')
    .option('--from <ms>', 'the first instant, as in the left margin', wholeNumber(0, 999_999_999))
    .option('--to <ms>', 'the last instant', wholeNumber(0, 999_999_999))
    .option('--only <name>', 'what is about that process, list, or message: its letter, or the end of its id')
    .option('--limit <N>', `events at most (default: ${shellLimits.diagramEvents})`, wholeNumber(1, 100_000))
    .option('--last', 'where there are more, the last ones and not the first', false)
    .option('--title <text>', 'what stands above it')
    .option('--shiviz', 'print one trace instead, with vector clocks, as ShiViz reads it', false)
    .action(async (files: ReadonlyArray<string>, { from, to, only, limit, title, ...flags }: DiagramFlags) =>
      end(await (await import('./diagram.js')).draw({ files, from, to, only, limit, title, ...flags })))

interface DemoFlags {
  readonly fast: boolean; readonly color: boolean; readonly only?: 'classic' | 'sealed'
}

const demoCommand = (): Command =>
  new Command('demo')
    .summary('watch a server and five peers at work')
    .description('Plays the demonstration with real programs on 127.0.0.1, says what to notice, and checks all of it: 0 if it is as it should be.')
    .option('--fast', 'without pauses for reading', false)
    .option('--no-color', 'without colours')
    .addOption(new Option('--only <part>', 'one of its two parts').choices(['classic', 'sealed']))
    .action(async ({ only, ...flags }: DemoFlags) => end(await (await import('./demo.js')).demo({ only, ...flags })))

const program = new Command('peal')
  .description('Instant messaging without a message server: a message goes once round the ring of its members and comes home.')
  .version(version())
  .enablePositionalOptions()
  .exitOverride()
  .addCommand(serverCommand().exitOverride().showHelpAfterError('(peal server --help shows the options)'))
  .addCommand(peerCommand().exitOverride().showHelpAfterError('(peal peer --help shows the options)'))
  .addCommand(idCommand().exitOverride().showHelpAfterError('(peal id --help shows the options)'))
  .addCommand(operatorCommand().exitOverride().showHelpAfterError('(peal operator help shows the commands)'))
  .addCommand(journalCommand().exitOverride().showHelpAfterError('(peal journal --help shows the options)'))
  .addCommand(replayCommand().exitOverride().showHelpAfterError('(peal replay --help shows the options)'))
  .addCommand(diagramCommand().exitOverride().showHelpAfterError('(peal diagram --help shows the options)'))
  .addCommand(demoCommand().exitOverride().showHelpAfterError('(peal demo --help shows the options)'))
  .addHelpText('after', exitCodeHelp())

program
  .command('commands')
  .summary("print the tables of the prompt's commands")
  .action(async () => {
    const [{ commands }, { orders }, { markdownTable }] = await Promise.all([import('./commands.js'), import('./orders.js'), import('./rows.js')])
    process.stdout.write(`${markdownTable(commands)}\n\n${markdownTable(orders(undefined))}\n`)
  })

// whoever has read enough of it (`--help | head`) has gone: that is no fault of a program that only has to be read
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = exitCodes.disk.code
  })
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitCodes.done.code : exitCodes.usage.code
}
