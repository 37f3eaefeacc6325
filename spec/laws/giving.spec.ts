// Giving co-members what they have missed: to whom, how much of it at once, and whether at all (K4 to K6).
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { limits, roll, type ImId } from '../../core/index.js'
import { rule } from '../protocol.js'
import { absence } from '../stories/absence.js'
import { list } from '../stories/office.js'
import { Stage } from '../stories/stage.js'

describe('giving what others have missed', () => {
  let stage = new Stage('alice')
  afterEach(() => stage.end())
  const { away, wakes, caught, sealedOf, asked } = absence((made) => (stage = made), () => stage)

  it(rule('K4'), () => {
    const [im = '' as ImId] = away('missed')
    wakes()
    const { ring, no } = sealedOf(im).grant
    const ask = (who: string, holder: string, from = no, of = list): number => {
      stage.open = []
      stage.slip(who, holder, { _tag: 'MissedWanted', list: of, from, to: 2 ** 48 - 1, partly: undefined })
      stage.deliver(`${who}>${holder} missed?`)
      return stage.lines(`${holder}>${who} missed`).length
    }
    deepEqual(['alice', 'bob', 'carol'].map((holder) => ask('dave', holder)), [1, 1, 1], 'who has sent it, and who has taken it')
    deepEqual(['alice', 'bob', 'mallory'].map((who) => ask(who, 'carol')), [0, 0, 0], 'who has sent it, who was on the path, and who is nobody')
    deepEqual([ask('dave', 'carol', no + 1), ask('dave', 'carol', no, 'other' as typeof list)], [0, 0])
    // another ring, without dave
    stage.open = []
    stage.pass(3000)
    equal(stage.leaves('dave'), 200)
    stage.sends('alice', 'among three')
    stage.pass(1000)
    ok(roll.has(stage.member('carol').state.rings, ring))
    equal(ask('dave', 'carol'), 0, 'who is on the list no more')
    equal(stage.joins('dave'), 200)
    stage.sends('alice', 'among four')
    stage.pass(1000)
    equal(ask('dave', 'carol'), 1)
    // whoever joined later was not on that ring
    stage.open = []
  })

  it('is done of an epoch that is over, too, by a process that knows of it by its diary only', () => {
    away()
    const changes = (): void => deepEqual([stage.leaves('bob'), stage.joins('bob')], [200, 200])
    for (const text of ['of one epoch', 'of another', 'of a third']) {
      changes()
      stage.judges('dave', 'away')
      // what carol gives she has taken, and sent
      stage.sends(text === 'of another' ? 'carol' : 'alice', text)
      stage.pass(1000)
    }
    changes()
    for (const name of ['alice', 'bob', 'carol']) stage.kill(name)
    stage.restart('carol')
    stage.judges('dave', 'alive')
    wakes()
    stage.pass(20_000)
    deepEqual(stage.history('dave'), ['before', 'of one epoch', 'of another', 'of a third'])
    equal(caught().length, 3)
  })

  it(rule('K5'), () => {
    away(...Array.from({ length: 60 }, (_, i) => (i === 7 ? 'long '.repeat(9000) : `number ${i}`)))
    wakes()
    let [bytes, until] = [0, stage.now + 1000]
    const most = { second: 0, atOnce: 0 }
    for (let i = 0; i < 4000 && stage.member('dave').state.gaps.length > 0; i += 1) {
      const given = stage.open.filter(({ to, content }) => to === 'dave' && content._tag === 'Frame').length
      most.atOnce = Math.max(most.atOnce, given)
      bytes += given
      if (stage.now >= until) [bytes, until] = [0, stage.now + 1000]
      most.second = Math.max(most.second, bytes)
      stage.flow()
      stage.pass(10, '*>dave missed*')
    }
    equal(caught().length, 60)
    deepEqual(caught().map(({ no }) => no).toSorted((a, b) => a - b), caught().map(({ no }) => no))
    ok(most.atOnce <= limits.partsAtOnce && most.second <= limits.missedRate.burst + limits.missedRate.perSecond, JSON.stringify(most))
    // one who asks without end is given no more than that
    const { no } = sealedOf(stage.im('alice')).grant
    let answers = 0
    for (let i = 0; i < 1000; i += 1) {
      stage.open = []
      stage.slip('dave', 'carol', { _tag: 'MissedWanted', list, from: no, to: no, partly: undefined })
      stage.deliver('dave>carol missed?')
      answers += stage.lines('carol>dave missed').length
    }
    ok(answers <= limits.missedRate.burst, `${answers}`)
  })

  it('costs members nothing of what they may be given, whoever else asks', () => {
    away('missed')
    const { given } = stage.member('carol').state
    for (const who of ['mallory', 'dave']) {
      stage.slip(who, 'carol', { _tag: 'MissedWanted', list, from: 0, to: 2 ** 48 - 1, partly: undefined })
      stage.deliver(`${who}>carol missed?`)
      equal(stage.member('carol').state.given === given, who === 'mallory', who)
    }
    stage.open = []
  })

  it(rule('K6'), () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('mute', 'unmute', 'off', 'on'), { maxLength: 4 }), fc.boolean(), (acts, isHolder) => {
        away('missed')
        const names = isHolder ? ['alice', 'bob', 'carol'] : ['dave']
        let [muted, off] = [false, false]
        for (const act of acts) {
          for (const name of names) {
            if (act === 'mute' || act === 'unmute') stage.mutes(name, act === 'mute')
            else stage.member(name).give(stage.now, { _tag: 'CatchUp', list, on: act === 'on' })
          }
          if (act === 'mute' || act === 'unmute') muted = act === 'mute'
          else off = act === 'off'
        }
        wakes()
        equal(asked() === 'nobody', !isHolder && (muted || off))
        stage.pass(20_000)
        equal(caught().length, off || (muted && !isHolder) ? 0 : 1)
        if (!isHolder) {
          stage.kill('dave')
          stage.restart('dave')
          equal(roll.has(stage.member('dave').state.diary.apart, list), off)
        }
        stage.end()
      }),
      { numRuns: 40 },
    )
  })
})
