// What the classic wire is let see and do beside keys, and how fast and how much anybody may ask.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { classicActor, limits, operator, roll, server, trie, utf8Length } from '../../core/index.js'
import { unhurried } from '../arbitraries/server.js'
import { about, create, Desk, free, listName, on, village, start } from '../model/desk.js'
import { rule } from '../protocol.js'

describe('the classic wire beside keys', () => {
  it(rule('A7'), () => {
    const stage = village()
    equal(stage.classic('query-lists'), '200-_-{"num_lists": 1, "list_names": ["o"]}')
    equal(stage.classic('create l'), '457')
    equal(stage.classic('register Alice 192.168.2.7 22000'), '455')
    equal(stage.classic('register alice 192.168.2.7 22000'), '200')
    equal(stage.classic('create p'), '200')
    equal(roll.get(stage.state.lists, listName('p'))?.owner, undefined)
    equal(stage.ask(0, on('Join', 'p', 'Alice')), 200)
    equal(stage.classic('join p Carol'), '200')
    ok(stage.classic('im-start p Carol').includes('"name": "Alice"'))
    equal(stage.ask(0, on('Leave', 'p', 'Alice')), 463)
    equal(stage.classic('im-complete p Carol'), '200')
    equal(stage.classic('leave p Alice'), '459')
    equal(server.saved(stage.state), '2\nCarol 192.168.2.9 22000\nalice 192.168.2.7 22000\n2\no\n1\nCarol 192.168.2.9 22000\np\n1\nCarol 192.168.2.9 22000')
  })

  const sources = {
    loopback: ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'],
    lan: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.255.1', '169.254.1.1', 'fe80::1%eth0', 'fd00::7', 'fc12:3::1', '::ffff:10.1.2.3'],
    open: ['192.0.2.7', '172.32.0.1', '172.15.0.1', '11.0.0.1', '1.10.0.1', '100.64.0.1', '2001:db8::1', '::ffff:8.8.8.8', 'fec0::1', '::', '2001:db8::127.0.0.1'],
  }

  it(rule('A8'), () => {
    const policies = ['off', 'loopback', 'lan', 'open'] as const
    for (const [p, policy] of policies.entries())
      for (const [s, kind] of (['loopback', 'lan', 'open'] as const).entries())
        for (const ip of sources[kind]) {
          const stage = village()
          const guarded = new Desk({ ...free, classic: policy })
          guarded.state = stage.state
          const answer = guarded.classic('create new', classicActor(ip, 9))
          equal(answer, s < p ? '200' : 'nothing', `${ip} where ${policy} is heard`)
          if (s >= p) equal(guarded.state, stage.state)
          if (s >= p) equal(guarded.classic('what', classicActor(ip, 9)), 'nothing')
        }
    const bare = new Desk({ ...free, classic: 'off' })
    bare.give(operator, { _tag: 'Close', ms: 0 })
    equal(bare.classic('query-lists'), 'nothing')
  })

  it(rule('A9'), () => {
    const bounds = { ...free, classic: 'open' as const, maxReplyBytes: 60_000 }
    const far = classicActor('198.51.100.9', 4000)
    const crowded = new Desk(bounds)
    for (let i = 0; i < 60; i++) {
      crowded.classic(`create list-${i}`)
      crowded.classic(`register c${i} 192.168.2.9 ${i + 1}`)
      crowded.classic(`join list-0 c${i}`)
    }
    const requests = ['query-lists', 'im-start list-0 c1', 'im-complete list-0 c1', 'join list-1 c1', 'leave list-1 c1', 'register x 10.0.0.1 1', 'create x', 'exit x', 'save x', 'exit nobody']
    const met = new Set<string>()
    for (const text of requests) {
      const before = crowded.state
      const answer = crowded.classic(text, far).replace(/^(\d{3})$/, '$1-_-null')
      const wire = text.replaceAll(' ', '-_-')
      met.add(answer.slice(0, 3))
      if (answer !== 'nothing') ok(answer.length <= limits.amplification * utf8Length(wire), `${text}: ${answer.length} bytes`)
      if (answer.startsWith('413')) deepEqual(crowded.state, { ...before, at: crowded.state.at })
    }
    ok(met.has('413') && met.has('200') && met.has('459') && met.has('462'))
    equal(crowded.classic('save x', far), '462')
    const before = crowded.state
    equal(crowded.classic('x', far), 'nothing')
    deepEqual(crowded.state, { ...before, at: crowded.state.at })
    equal(crowded.classic('x'), '400')
    ok(crowded.classic('query-lists').length > 600)
  })
})

describe('rates and bounds', () => {
  it(rule('A11'), () => {
    const rate = { perSecond: 10, burst: 5 }
    const asking: Record<string, (stage: Desk, i: number) => boolean> = {
      orders: (stage) => stage.ask(0, create('l')) !== 430,
      questions: (stage) => stage.ask(0, { _tag: 'QueryLists' }) !== 430,
      classic: (stage) => stage.classic('query-lists') !== '430',
      registrations: (stage, i) => stage.register(i + 1, `name ${i}`) !== 430,
    }
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(asking)), fc.array(fc.constantFrom(0, 0, 1, 20, 50, 99, 400, 2000), { minLength: 20, maxLength: 60 }), (what, waits) => {
        const stage = new Desk({ ...free, keyRate: rate, classicRate: rate, registerRate: what === 'registrations' ? rate : unhurried })
        if (what !== 'registrations') equal(stage.register(0, 'Me'), 200)
        const admitted: number[] = []
        waits.forEach((wait, i) => {
          stage.now += wait
          if (asking[what]?.(stage, i)) admitted.push(stage.now)
          else ok(admitted.filter((at) => at > stage.now - 500).length >= 5, 'refused though fewer than the burst were asked')
        })
        admitted.forEach((from, i) =>
          admitted.slice(i).forEach((to, more) => ok(more + 1 <= rate.burst + ((to - from) * rate.perSecond) / 1000 + 1e-6, `${more + 1} in ${to - from} ms`)),
        )
      }),
      { numRuns: 400 },
    )
    const near = new Desk({ ...free, classicRate: rate, registerRate: rate })
    for (let i = 0; i < 50; i++) equal(near.classic(`register c${i} 192.168.2.9 1`, classicActor('127.0.0.1', 4000)), '200')
  })

  it('store a refusal that came too fast with its request, so that a late copy is not executed', () => {
    const stage = new Desk({ ...free, keyRate: { perSecond: 1, burst: 1 } })
    equal(stage.register(0, 'Me'), 200)
    equal(stage.ask(0, create('l')), 200)
    equal(stage.ask(0, create('m')), 430)
    stage.now += 10_000
    equal(stage.code(stage.asked(0, create('m'), 2)), 430)
    equal(roll.size(stage.state.lists), 1)
  })

  it(rule('A12'), () => {
    const stage = new Desk({ ...server.defaults, classic: 'open', maxMembers: 3, maxContacts: 30, maxLists: 5 })
    for (let i = 0; i < 9000; i++) stage.classic(`register n${i} 10.0.0.1 1`, classicActor(`2001:db8:${(i >> 4).toString(16)}:${(i & 15).toString(16)}::9`, 4000))
    ok(trie.leaves(stage.state.sources.requests).length > 3000)
    ok(trie.leaves(stage.state.sources.requests).length <= limits.sourceBuckets)
    ok(trie.leaves(stage.state.sources.registrations).length <= limits.sourceBuckets)
    equal(roll.size(stage.state.contacts), 30)
    for (let i = 0; i < 20; i++) stage.classic(`create l${i}`)
    equal(roll.size(stage.state.lists), 5)
    deepEqual([0, 1, 2, 3].map((i) => stage.classic(`join l0 n${i}`)), ['200', '200', '200', '454'])
    const keys = new Desk({ ...free, maxMembers: 2, maxOwnMessages: 2 })
    for (let n = 0; n < 5; n++) equal(keys.register(n, `k${n}`), 200)
    equal(keys.ask(0, create('c', 'closed')), 200)
    deepEqual([1, 2, 3].map((n) => keys.ask(0, on('Invite', 'c', `k${n}`))), [200, 200, 454])
    equal(keys.ask(0, on('Join', 'c', 'k0')), 200)
    equal(keys.ask(1, on('Join', 'c', 'k1')), 200)
    deepEqual([1, 2, 3].map(() => keys.ask(0, start('c'))), [200, 200, 429])
    for (let i = 0; i < 40; i++) {
      equal(keys.register(9, 'guest'), 200)
      equal(keys.ask(9, about('Exit', 'guest')), 200)
    }
    deepEqual([keys.state.keyed.keys.size, keys.state.keyed.ids.size, keys.state.keyed.skeletons.size], [5, 5, 5])
  })

  it('count an IPv6 network as one source', () => {
    const stage = new Desk({ ...free, classic: 'open', classicRate: { perSecond: 1, burst: 2 } })
    const from = (ip: string): string => stage.classic('create l', classicActor(ip, 9))
    deepEqual(['2001:db8::1', '2001:db8:0:0:5::9', '2001:db8::7:8:9:a', '2001:db8:0:1::1'].map(from), ['200', '457', '430', '457'])
  })
})
