// The demonstration, scene by scene: five peers, four lists, six messages, four refusals. It is the one with which the original programs
// were judged, with the same commands in the same order; only registering, creating and joining come before it.
import type { Line, Message, Part, Row, Scene } from './scene.js'

const register = (name: string): Row => ({ _tag: 'Register', name })
const gather = (list: string, ...members: ReadonlyArray<string>): Row => ({ _tag: 'Gather', list, members })
const send = (...messages: ReadonlyArray<Message>): Row => ({ _tag: 'Send', messages })
const message = (list: string, text: string, ...ring: Message['ring']): Message => ({ list, text, ring })

const asked = (line: Line): Row => ({ _tag: 'Ask', line })
const granted = (at: string, typed: string): Row => asked({ at, typed, code: 200 })
const refused = (at: string, typed: string, code: number, why: string): Row => asked({ at, typed, code, why })
const exit = (name: string, ends: number): Row => asked({ at: name, typed: `exit ${name}`, code: 200, ends })

const all = ['Me', 'Myself', 'I', 'Foo', 'Bar'] as const

const beginning: ReadonlyArray<Scene> = [
  {
    title: 'A server and five peers',
    notice: 'The server keeps names, addresses and lists. It never sees a message.',
    rows: [{ _tag: 'Serve' }, ...all.map(register)],
  },
  {
    title: 'Four lists',
    notice: 'A list is a ring: messages go round it in the order of joining.',
    rows: [gather('list_1', ...all), gather('list_2', 'Me', 'Myself', 'I'), gather('list_3', 'Foo', 'Bar'), gather('list_4', 'Foo')],
  },
  {
    title: 'A message goes round',
    notice: 'Each peer shows it and passes it on. When it is home, everybody has it.',
    rows: [send(message('list_1', 'Hello', ...all))],
  },
]

const refusals: ReadonlyArray<Scene> = [
  {
    title: 'Two more, at the same time, in rings that cross',
    notice: 'Hello is not completed yet, so list_1 now has two ongoing messages.',
    rows: [send(message('list_1', 'World', ...all), message('list_2', 'Hi list_2', 'Myself', 'Me', 'I'))],
  },
  {
    title: 'An ongoing message holds its list together',
    notice: 'From im-start to im-complete nobody joins or leaves the list.',
    rows: [
      refused('Me', 'leave list_1 Me', 463, 'two messages are ongoing'),
      granted('Me', 'im-complete list_1 Me'),
      granted('Me', 'im-complete list_1 Me'),
      refused('Me', 'im-complete list_1 Me', 465, 'both are completed already'),
      granted('Me', 'leave list_1 Me'),
    ],
  },
  {
    title: 'Two initiators in one list',
    notice: 'Foo and Bar send at the same moment; the messages meet on the way.',
    rows: [
      send(message('list_3', 'Hi Bar', 'Foo', 'Bar'), message('list_3', 'Hi Foo', 'Bar', 'Foo')),
      granted('Foo', 'im-complete list_3 Foo'),
      granted('Bar', 'im-complete list_3 Bar'),
    ],
  },
  {
    title: 'A ring of one',
    notice: 'Nobody receives it, so it is home at once. It holds its list all the same.',
    rows: [
      send(message('list_4', 'Anyone here?', 'Foo')),
      refused('Me', 'join list_4 Me', 463, 'a message is ongoing there'),
      granted('Foo', 'im-complete list_4 Foo'),
    ],
  },
]

const ending: ReadonlyArray<Scene> = [
  {
    title: 'The directory in a file',
    notice: 'The server saves it. Me has left list_1, so Me is missing there.',
    rows: [
      granted('Me', 'save config.txt'),
      {
        _tag: 'Read',
        file: 'config.txt',
        contacts: all,
        lists: [
          { list: 'list_1', members: ['Myself', 'I', 'Foo', 'Bar'] },
          { list: 'list_2', members: ['Me', 'Myself', 'I'] },
          { list: 'list_3', members: ['Foo', 'Bar'] },
          { list: 'list_4', members: ['Foo'] },
        ],
      },
    ],
  },
  {
    title: 'Goodbye',
    notice: 'exit is refused, too. A program that was told to try again ends with 75.',
    rows: [
      refused('Myself', 'exit Myself', 463, '"Hi list_2" is ongoing'),
      granted('Myself', 'im-complete list_2 Myself'),
      exit('Myself', 75),
      exit('Me', 75),
      exit('I', 0),
      exit('Foo', 0),
      exit('Bar', 0),
      { _tag: 'Close' },
    ],
  },
]

export const script: ReadonlyArray<Scene> = [...beginning, ...refusals, ...ending]

const others = all.slice(1)

const deliver = (text: string, delivered: ReadonlyArray<string>, unknown: ReadonlyArray<string> = []): Extract<Row, { readonly _tag: 'Deliver' }> => ({ _tag: 'Deliver', at: 'Me', list: 'list_5', text, delivered, unknown })

/** What the original cannot do: there one lost datagram, or one member that is gone, loses the message and holds the list for ever. */
export const sealedScript: ReadonlyArray<Scene> = [
  {
    title: 'A server and five peers with keys',
    notice: 'All that they say is sealed, and nobody can speak for somebody else.',
    rows: [{ _tag: 'Serve' }, { _tag: 'Meet', names: all }, gather('list_5', ...all), deliver('Hello', others)],
  },
  {
    title: 'A network that loses three of ten',
    notice: 'What is lost is sent again; everybody shows it once.',
    rows: [{ _tag: 'Lose', ofTen: 3 }, deliver('World', others)],
  },
  {
    title: 'A member is killed',
    notice: 'The message comes home all the same, and its sender is told who missed it.',
    rows: [
      { _tag: 'Lose', ofTen: 0 },
      { _tag: 'Kill', name: 'I' },
      deliver('Is I there?', ['Myself', 'Foo', 'Bar'], ['I']),
      { _tag: 'Free', at: 'Bar', list: 'list_5' },
    ],
  },
  {
    title: 'It comes back',
    notice: 'The message is sent again to whoever gave no receipt; nobody sees it twice.',
    rows: [
      { _tag: 'Return', name: 'I' },
      { ...deliver('Back again', ['Me', 'Myself', 'Foo', 'Bar']), at: 'I' },
      { _tag: 'Resend', at: 'Me', delivered: others },
      { _tag: 'Close' },
    ],
  },
]

export const parts: ReadonlyArray<Part> = [
  { name: 'classic', opening: 'a message to a list goes once round the ring of its members.', scenes: script },
  { name: 'sealed', opening: 'a message comes home past loss, and past members that are gone.', scenes: sealedScript },
]
