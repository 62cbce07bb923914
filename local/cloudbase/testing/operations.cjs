// What both server SDKs must be able to do: each entry runs with node-sdk in the test and with wx-server-sdk inside
// a function, and must give the same plain result. `run` names the run, so that the two don't meet.

/** node-sdk answers doc().get() with a list, wx-server-sdk with the document. */
const one = ({ data }) => (Array.isArray(data) ? (data[0] ?? null) : data);
const idOf = ({ id, _id, ids }) => id ?? _id ?? ids;

/** The database's own words of a refusal: the SDKs wrap them differently. */
const refusal = (promise) =>
  promise.then(
    () => 'not refused',
    ({ code, errCode, message }) => ({ codes: [code, errCode].filter(Boolean), message }),
  );
const refusedWith = async (promise, words) => (await refusal(promise)).message?.includes(words) ?? false;

async function seeded(db, owner) {
  const notes = db.collection('notes');
  const rows = [
    { n: 1, tags: ['red'], text: '你好，世界' },
    { n: 2, tags: ['red', 'blue'], text: '今天天气' },
    { n: 3, tags: [], text: 'Hello' },
    { n: 4, text: 'hello again', nested: { a: 1, b: { c: 2 } } },
    { n: 5, text: null },
  ];
  for (const row of rows) await notes.add(asData({ ...row, owner, at: new Date(row.n * 1000) }));
  return notes;
}
/** wx-server-sdk takes `{ data }`, node-sdk the fields. */
let asData = (fields) => fields;

const numbers = ({ data }) => data.map(({ n }) => n);

exports.OPERATIONS = {
  async 'values come back as they were written'(db, owner) {
    const fields = {
      owner,
      big: 1700000000000,
      half: 1.5,
      no: null,
      yes: true,
      at: new Date(5),
      list: [1, { a: 'ü' }],
    };
    const id = idOf(await db.collection('notes').add(asData({ ...fields, now: db.serverDate() })));
    const { now, _id, ...rest } = one(await db.collection('notes').doc(id).get());
    return { ...rest, owner: '', sameId: _id === id, dates: [rest.at instanceof Date, now instanceof Date] };
  },

  async 'a query orders, skips, limits and projects'(db, owner) {
    const notes = await seeded(db, owner);
    const query = notes.where({ owner }).orderBy('at', 'desc');
    const page = await query.skip(1).limit(2).field({ n: true, _id: false }).get();
    return {
      page: page.data,
      all: numbers(await query.get()),
      up: numbers(await notes.where({ owner }).orderBy('n', 'asc').get()),
    };
  },

  async 'query commands select'(db, owner) {
    const notes = await seeded(db, owner);
    const _ = db.command;
    const select = async (condition) =>
      numbers(
        await notes
          .where(_.and([{ owner }, condition]))
          .orderBy('n', 'asc')
          .get(),
      );
    return {
      range: await select({ n: _.gt(1).and(_.lte(4)) }),
      in: await select({ n: _.in([1, 5, 9]) }),
      nin: await select({ n: _.nin([1, 5, 9]) }),
      not: await select({ n: _.neq(2) }),
      or: await select(_.or([{ n: 1 }, { text: 'Hello' }])),
      exists: await select({ tags: _.exists(true) }),
      absentIsNull: await select({ tags: null }),
      element: await select({ tags: 'blue' }),
      all: await select({ tags: _.all(['red', 'blue']) }),
      size: await select({ tags: _.size(0) }),
      nested: await select({ nested: { b: { c: 2 } } }),
      dates: await select({ at: _.gte(new Date(2000)).and(_.lt(new Date(4000))) }),
      regexp: await select({ text: db.RegExp({ regexp: '^hello', options: 'i' }) }),
      chinese: await select({ text: /天气$/ }),
    };
  },

  async 'elemMatch looks into objects only'(db, owner) {
    const notes = db.collection('notes');
    const _ = db.command;
    await notes.add(asData({ owner, n: 1, list: [5, 6] }));
    await notes.add(asData({ owner, n: 2, list: [{ value: 5 }, { value: -1 }] }));
    return {
      fields: numbers(await notes.where({ owner, list: _.elemMatch({ value: _.gt(0) }) }).get()),
      values: numbers(await notes.where({ owner, list: _.elemMatch({ $gt: 5 }) }).get()),
    };
  },

  async 'count counts'(db, owner) {
    const notes = await seeded(db, owner);
    return (await notes.where({ owner, n: db.command.gt(2) }).count()).total;
  },

  async 'update commands change a document'(db, owner) {
    const _ = db.command;
    const notes = db.collection('notes');
    const id = idOf(
      await notes.add(
        asData({ owner, n: 1, tags: ['a'], meta: { keep: 1, gone: 2 }, low: 5, whole: { a: 1 } }),
      ),
    );
    const { stats } = await notes
      .doc(id)
      .update(
        asData({
          n: _.inc(10),
          tags: _.push(['x', 'y']),
          meta: { added: true, gone: _.remove() },
          low: _.min(3),
          whole: _.set({ b: 2 }),
          'deep.path': 'v',
        }),
      )
      .then((answer) => ({ stats: answer.stats ?? { updated: answer.updated } }));
    const { _id, owner: _owner, ...rest } = one(await notes.doc(id).get());
    return { ...rest, updated: stats.updated };
  },

  async 'a conditional update changes all that match, and says how many'(db, owner) {
    const notes = await seeded(db, owner);
    const change = async (condition) => {
      const answer = await notes.where({ owner, ...condition }).update(asData({ n: db.command.mul(10) }));
      return (answer.stats ?? answer).updated;
    };
    return [
      await change({ n: db.command.gt(3) }),
      await change({ n: 4 }),
      numbers(await notes.where({ owner }).orderBy('at', 'asc').get()),
    ];
  },

  async 'set replaces or creates'(db, owner) {
    const doc = db.collection('notes').doc(`${owner}-set`);
    await doc.set(asData({ owner, n: 1, old: true }));
    await doc.set(asData({ owner, n: 2 }));
    const { _id, owner: _owner, ...rest } = one(await doc.get());
    return rest;
  },

  async 'remove removes one or all that match'(db, owner) {
    const notes = await seeded(db, owner);
    const removed = (answer) => (answer.stats ?? { removed: answer.deleted }).removed;
    const [first] = (await notes.where({ owner, n: 1 }).get()).data;
    const counts = [
      removed(await notes.doc(first._id).remove()),
      removed(await notes.where({ owner, n: db.command.gt(3) }).remove()),
    ];
    return [...counts, (await notes.where({ owner }).count()).total];
  },

  async 'an aggregation groups, sorts and joins'(db, owner) {
    const notes = await seeded(db, owner);
    const $ = db.command.aggregate;
    await db.collection('plain').add(asData({ of: owner, label: 'joined' }));
    const groups = await notes
      .aggregate()
      .match({ owner })
      .sort({ n: 1 })
      .group({ _id: $.gte(['$n', 3]), sum: $.sum('$n'), texts: $.push('$text') })
      .sort({ sum: 1 })
      .end();
    const joined = await notes
      .aggregate()
      .match({ owner, n: 1 })
      .lookup({ from: 'plain', localField: 'owner', foreignField: 'of', as: 'labels' })
      .project({
        _id: 0,
        labels: '$labels.label',
        day: $.dateToString({ date: '$at', format: '%Y-%m-%d %H', timezone: 'Asia/Shanghai' }),
      })
      .end();
    return { groups: groups.list ?? groups.data, joined: joined.list ?? joined.data };
  },

  async 'a transaction is seen only once committed, and all of it'(db, owner) {
    const notes = db.collection('notes');
    await notes.doc(`${owner}-a`).set(asData({ owner, n: 1 }));
    const seen = [];
    const result = await db.runTransaction(async (transaction) => {
      const inside = transaction.collection('notes');
      const { data } = await inside.doc(`${owner}-a`).get();
      await inside.doc(`${owner}-a`).update(asData({ n: data.n + 1 }));
      await inside.add(asData({ _id: `${owner}-b`, owner, n: 10 }));
      seen.push((await notes.where({ owner }).count()).total);
      return 'done';
    });
    return { result, seen, after: numbers(await notes.where({ owner }).orderBy('n', 'asc').get()) };
  },

  async 'a transaction rolled back leaves nothing'(db, owner) {
    const notes = db.collection('notes');
    await notes.doc(`${owner}-a`).set(asData({ owner, n: 1 }));
    const why = await db
      .runTransaction(async (transaction) => {
        await transaction
          .collection('notes')
          .doc(`${owner}-a`)
          .update(asData({ n: 5 }));
        await transaction.rollback('changed my mind');
      })
      .then(
        () => 'committed',
        (reason) => reason,
      );
    return { why: String(why.message ?? why), after: numbers(await notes.where({ owner }).get()) };
  },

  async 'what MongoDB refuses is refused'(db, owner) {
    const _ = db.command;
    const notes = db.collection('notes');
    const id = idOf(await notes.add(asData({ owner, none: null, word: 'w', list: [1], n: 1 })));
    const update = (fields) => notes.doc(id).update(asData(fields));
    return {
      belowNull: await refusedWith(
        update({ none: { b: 1 } }),
        "Cannot create field 'b' in element {none: null}",
      ),
      belowScalar: await refusedWith(
        update({ 'word.x': 1 }),
        'Cannot create field \'x\' in element {word: "w"}',
      ),
      incString: await refusedWith(update({ word: _.inc(1) }), 'non-numeric type'),
      incNull: await refusedWith(update({ none: _.inc(1) }), 'non-numeric type'),
      pushToNumber: await refusedWith(update({ n: _.push([1]) }), 'must be an array'),
      duplicateId: await refusedWith(notes.add(asData({ _id: id })), 'E11000 duplicate key error'),
      missingCollection: await refusedWith(
        db.collection('nowhere').add(asData({ a: 1 })),
        'Db or Table not exist',
      ),
      existingCollection: await refusedWith(db.createCollection('notes'), 'Table exist'),
      dollarField: await refusedWith(notes.add(asData({ $_key: 1 })), 'not valid for storage'),
      unchanged: JSON.stringify(one(await notes.doc(id).field({ _id: 0, owner: 0 }).get())),
    };
  },

  async 'a unique index takes one document per key, and one without'(db, owner) {
    const days = db.collection('days');
    await days.add(asData({ owner, day: '2026-11-20' }));
    await days.add(asData({ owner, day: '2026-11-21' }));
    await days.add(asData({ owner }));
    return {
      same: await refusedWith(days.add(asData({ owner, day: '2026-11-20' })), 'E11000'),
      missingTwice: await refusedWith(days.add(asData({ owner, day: null })), 'E11000'),
      byUpdate: await refusedWith(
        days.where({ owner, day: '2026-11-21' }).update(asData({ day: '2026-11-20' })),
        'E11000',
      ),
      count: (await days.where({ owner }).count()).total,
    };
  },
};

exports.useDataWrapper = () => {
  asData = (data) => ({ data });
};
