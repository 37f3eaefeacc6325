// The stand-in against the recorded facts of the original system, over real UDP between processes: the 68 exchanges, the saved file,
// the bounds, the ring with its exact bytes, and what kills a server or a peer.
import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ask, askAll, command, heard, host, replay, useStage } from '../stage/stage.js'

/** A relay from Me, at home on port `home` + 1, to the only other member at `port` + 1, with keys that no original knows. */
const relayed = (home: number, port: number, rest: string): string =>
  `{"num_contacts_in_list": 2, "9": 1.0, "contact_list": [{"name": "Me", "ip": "${host}", "port": ${home}}, ` +
  `{"name": "I", "ip": "${host}", "port": ${port}, "x": null}], ${rest}}`

describe('the stand-in server', () => {
  const stage = useStage()

  it('answers the 68 recorded exchanges, and saves what they leave', async () => {
    const { port } = await stage.server()
    await replay(await stage.socket(), port)
    const [me, myself, i] = ['Me 10.120.70.106 22000', 'Myself 10.120.70.106 22002', 'I 10.120.70.145 22001']
    const [foo, bar] = ['Foo 10.120.70.117 22000', 'Bar 10.120.70.117 22002']
    equal(await readFile(join(stage.folder, 'saved.txt'), 'utf8'), [
      '5', me, myself, i, foo, bar,
      '5', 'list_1', '4', myself, i, foo, bar, 'list_2', '3', me, myself, i, 'list_3', '2', foo, bar, 'list_4', '1', foo, 'list 5', '0',
    ].join('\n'))
    equal(await readFile(join(stage.folder, 'saved2.txt'), 'utf8'), '0\n5\nlist_1\n0\nlist_2\n0\nlist_3\n0\nlist_4\n0\nlist 5\n0')
  })

  it('lets a contact with an ongoing message join another list, but not exit', async () => {
    const { port } = await stage.server()
    const client = await stage.socket()
    await askAll(client, port, ['register-_-Me-_-h-_-1', 'create-_-a', 'create-_-b', 'join-_-a-_-Me', 'im-start-_-a-_-Me', 'join-_-b-_-Me'])
    equal(await ask(client, port, 'exit-_-Me'), '463-_-null')
  })

  it('knows 100 contacts and 150 lists, and looks at the name first', async () => {
    const { port } = await stage.server()
    const client = await stage.socket()
    await askAll(client, port, Array.from({ length: 100 }, (_, at) => `register-_-c${at}-_-h-_-1`))
    await askAll(client, port, Array.from({ length: 150 }, (_, at) => `create-_-l${at}`))
    equal(await ask(client, port, 'register-_-c0-_-h-_-1'), '455-_-null')
    equal(await ask(client, port, 'register-_-c100-_-h-_-1'), '456-_-null')
    equal(await ask(client, port, 'create-_-l0'), '457-_-null')
    equal(await ask(client, port, 'create-_-l150'), '458-_-null')
  })

  it('takes the next port when one is in use, and says so', async () => {
    const { port } = await stage.server()
    const second = await stage.server(port)
    notEqual(second.port, port)
    equal(second.program.said[0], `port ${port} is in use`)
  })
})

describe('the stand-in server dies of', () => {
  const stage = useStage()
  const deadly: readonly (readonly [title: string, datagram: Buffer])[] = [
    ['an empty datagram', Buffer.alloc(0)],
    ['an unknown command', Buffer.from('dance-_-Me')],
    ['an argument too few', Buffer.from('join-_-list_1')],
    ['an argument too many', Buffer.from('query-lists-_-all')],
    ['a port that is no number', Buffer.from('register-_-Me-_-127.0.0.1-_-x')],
    ['bytes that are no UTF-8', Buffer.from('create-_-\xff', 'latin1')],
    ['a character cut at 2048 bytes', Buffer.from(`create-_-${'a'.repeat(2038)}é`)],
  ]
  for (const [title, datagram] of deadly) {
    it(title, async () => {
      const { program, port } = await stage.server()
      const client = await stage.socket()
      client.send(datagram, port, host)
      const { code, stderr } = await program.ended
      equal(code, 1)
      match(stderr, /Error/)
    })
  }
})

describe('the stand-in peer in a ring', () => {
  const stage = useStage()

  it('sends a message once to each of three and hears it come home', async () => {
    const { port } = await stage.server()
    const [me, myself, i] = await Promise.all([stage.peer(port), stage.peer(port), stage.peer(port)])
    await command(me.program, 'create list')
    for (const [name, peer] of [['Me', me], ['Myself', myself], ['I', i]] as const) {
      await command(peer.program, `register ${name} ${host} ${peer.port}`, `join list ${name}`)
    }
    await command(me.program, 'im-start list Me')
    me.program.type('Привет')
    await me.program.line(/^COMPLETE \["Me", "Myself", "I"\]$/)
    await command(me.program, 'im-complete list Me')
    // The one datagram has come home: whatever was to be shown has been.
    await stage.stopAll()
    const shown = [me, myself, i].map(({ program }) => program.said.filter((line) => line.startsWith('MESSAGE')))
    const expected = 'MESSAGE Me: "\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442"'
    deepEqual(shown, [[], [expected], [expected]])
  })

  it('sends what json.dumps would write, with pointer 2, from its upper port to the upper port of the next', async () => {
    const { port } = await stage.server()
    const { program, port: own } = await stage.peer(port)
    const next = await stage.socket()
    const lower = next.address().port - 1
    await command(program, `register Me ${host} ${own}`, `register I ${host} ${lower}`, 'create l', 'join l I', 'join l Me', 'im-start l Me')
    const message = heard(next)
    program.type('é "q" ')
    deepEqual(await message, {
      text: `{"num_contacts_in_list": 2, "contact_list": [{"name": "Me", "ip": "${host}", "port": ${own}}, ` +
        `{"name": "I", "ip": "${host}", "port": ${lower}}], "text_message": "\\u00e9 \\"q\\" ", "pointer": 2}`,
      port: own + 1,
    })
  })

  it('passes unknown keys on in their place, and shows a text in one line', async () => {
    const { program, port } = await stage.peer()
    const me = await stage.socket()
    const home = me.address().port - 1
    const message = heard(me)
    me.send(relayed(home, port, '"pointer":2,"text_message":"a\\nb","1":[]'), port + 1, host)
    await program.line(/^MESSAGE Me: "a\\nb"$/)
    deepEqual(await message, { text: relayed(home, port, '"pointer": 3, "text_message": "a\\nb", "1": []'), port: port + 1 })
  })

  it('is done at once when alone', async () => {
    const { port } = await stage.server()
    const { program } = await stage.peer(port)
    await command(program, `register Foo ${host} 9`, 'create list_4', 'join list_4 Foo', 'im-start list_4 Foo')
    program.type('Anyone here?')
    await program.line(/^COMPLETE \["Foo"\]$/)
  })
})

describe('the stand-in peer by itself', () => {
  const stage = useStage()

  it('knows no quotes, sends nothing of a bad command, and ends after a successful exit only', async () => {
    const { port } = await stage.server()
    const { program } = await stage.peer(port)
    const dialogue: readonly (readonly [typed: string, said: RegExp])[] = [
      ['create "list 1"', /^REPLY 200-_-null$/],
      ['join list', /^USAGE join list$/],
      ['query-lists', /^REPLY 200-_-\{"num_lists": 1, "list_names": \["\\"list"\]\}$/],
      ['exit Me', /^REPLY 459-_-null$/],
      [`register Me '${host}' 9`, /^REPLY 200-_-null$/],
      ['exit Me', /^REPLY 200-_-null$/],
    ]
    for (const [typed, said] of dialogue) {
      program.type(typed)
      await program.line(said)
    }
    equal((await program.ended).code, 0)
  })

  it('dies of a relay that is cut at 2048 bytes', async () => {
    const { program, port } = await stage.peer()
    const client = await stage.socket()
    client.send(relayed(1, port, `"pointer": 3, "text_message": "${'a'.repeat(2048)}"`), port + 1, host)
    equal((await program.ended).code, 1)
  })

  for (const reply of ['200', '200-_-{', 'ok-_-null', '200-_-null-_-null']) {
    it(`dies of the reply ${reply}`, async () => {
      const { program, port } = await stage.peer()
      const client = await stage.socket()
      client.send(reply, port, host)
      equal((await program.ended).code, 1)
    })
  }
})
