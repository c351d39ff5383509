--- Persists each request, in order. The same id again changes nothing and answers with what is there. A key is taken by one record: `keep`
--- answers with it, `replace` and `extend` cancel it if it still waits and belongs to the same task, and take its key in the same act. Nothing is
--- persisted before what comes first: `after` is one of its ids, if it names one.
--- @keys meta records bodies results keys keyexpiry progress awaited queues controls @lines
--- @args now after schema partitions aging prefix groupCount
--- @items groups of plain requests, due now and without key or deadline: line, ids one behind the other, then the rest of the record of each; then, per request: id, line, key, timing, priority, head, tail, body
--- @reply now and a letter per request, those in groups first (n: created, m: created by replacing; of what was there: c or r: what its enqueue was, e: it has the key; r also: created by replacing, at the time of what it replaced; g: what has the key is gone), then the records that were there, then id and task of those that are gone; empty if nothing was done
--- @use clock line finish direct describe reserve pauses

local refusal = clock(meta, now)
if refusal then return refusal end
if HAS_SCHEMA then refusal = otherAging(aging) elseif aging ~= '' then AGING = aging else AGING = nil end
if refusal then return refusal end
heedPauses(controls, LINE_NAMES)
if after ~= '' and redis.call('HEXISTS', records, after) == 0 then return '' end

local WIDTH = 8
local requests, ids, identities = {}, {}, {}
local groups, rest = {}, ITEM
for i = 1, tonumber(groupCount) do
  local group = { line = LINES[ARGV[rest]], ids = addIds({}, ARGV[rest + 1]), texts = {} }
  for place, id in ipairs(group.ids) do
    group.texts[place] = ARGV[rest + 1 + place]
    ids[#ids + 1] = id
  end
  rest = rest + 2 + #group.ids
  groups[i] = group
end
for at = rest, #ARGV, WIDTH do
  local key = ARGV[at + 2]
  local request = {
    id = ARGV[at],
    line = ARGV[at + 1],
    timing = ARGV[at + 3],
    priority = ARGV[at + 4],
    head = ARGV[at + 5],
    tail = ARGV[at + 6],
    body = ARGV[at + 7],
  }
  if key ~= '' then
    local task, hold, window, extends, failure, identity = string.match(key, '^([^\t]*)\t(%a)(%d*)\t(x?)([^\t]*)\t(.*)$')
    request.task = task
    request.hold = hold
    request.window = tonumber(window)
    request.extends = extends ~= ''
    request.failure = failure
    request.identity = identity
    identities[#identities + 1] = identity
  end
  requests[#requests + 1] = request
  ids[#ids + 1] = request.id
end

load(records, ids)
local taken, takenIds = takenOf(keys, records, identities)
loadBeats(takenIds)
loadBeats(ids)

local stores = { keys = keys, keyexpiry = keyexpiry }

--- What keeps the request off its key.
local function takenFrom(request)
  local found = request.identity and taken[request.identity]
  return found and blocks(found) and found or nil
end

--- The record whose place the request takes: it still waits, is of the same task, and no other hold than its own ends what outlasts it.
local function replaceable(request, found)
  local record = request.failure ~= '' and opened(found.id)
  if not record or not isQueued(record) or record.task ~= request.task then return nil end
  if outlasts(found) and found.hold ~= request.hold then return nil end
  return record
end

--- A window that is replaced goes on; extended, it begins anew.
local function reserve(request, replaced)
  local before = taken[request.identity]
  local found = { id = request.id, hold = request.hold, ends = 0, task = request.task }
  if found.hold == 'w' then
    local goesOn = replaced and before.hold == 'w' and not request.extends
    found.ends = goesOn and before.ends or NOW + request.window
  end
  take(stores, request.identity, found, before)
  taken[request.identity] = found
end

--- When it is due, when it is too late, and when it was made, as the request says it: delayMs, scheduledAt, expiresInMs, expiresAt. `due` takes the place of a delay.
local function times(timing, due)
  if timing == '' then return '', NOW, '' end
  local delay, scheduled, expiresIn, expires = string.match(timing, '^(%d*) (%d*) (%d*) (%d*)$')
  if delay ~= '' and tonumber(delay) > 0 then scheduled = due or NOW + tonumber(delay) end
  if expiresIn ~= '' then expires = NOW + tonumber(expiresIn) end
  return scheduled, math.max(NOW, tonumber(scheduled) or 0), expires
end

local function create(request, replaced, due)
  local scheduled, queued, expires = times(request.timing, due)
  local isLater = scheduled ~= '' and tonumber(scheduled) > NOW
  local created = queued == NOW and '' or NOW
  local status = isLater and STATUS.scheduled or STATUS.pending
  local text = status .. EVENT.enqueue .. '\t0\t\t\t\t' .. queued .. '\t' .. expires .. '\t\t'
    .. (request.line == DEFAULT_LINE and '' or request.line) .. '\t' .. request.priority .. '\t' .. created .. request.head .. scheduled .. '\t' .. replaced .. '\t' .. request.tail
  local record = parse(request.id, text)
  record.scheduled = scheduled
  LOADED[request.id] = record
  put(records, request.id, text)
  if request.body ~= '' then put(bodies, request.id, request.body) end
  if request.identity then reserve(request, replaced == 'r') end
  local line = LINES[request.line]
  file(record, line)
  SEEN_LINES[request.line] = true
  offer(record, line)
end

local letters, gone = {}, {}

--- What is there under the same id answers as its enqueue did.
local function answerAgain(id)
  local stored = loaded(id)
  describe(id, stored, bodies, results, peek(progress, id))
  return stored and opened(id) and stored.replaced == 'r' and 'r' or 'c'
end

--- Takes the place of what waits. The latest content at the first one's time: a delay begins anew only to extend.
local function replace(request, waiting, line)
  local isDelayed = string.find(request.timing, '^0*[1-9]')
  cancelRecord(waiting, line, results, request.failure, prefix)
  if request.extends or not isDelayed then
    create(request, 'r')
    return 'm'
  end
  create(request, 'r', waiting.scheduled)
  describe(request.id, loaded(request.id), bodies, results, '')
  return 'r'
end

--- What becomes of a request whose key is taken.
local function contend(request, found)
  local waiting = replaceable(request, found)
  local line = waiting and lineOf(waiting)
  if line then return replace(request, waiting, line) end
  local record = opened(found.id)
  if record then
    describe(record.id, record, bodies, results, peek(progress, record.id))
    return 'e'
  end
  gone[#gone + 1] = found.id .. '\31' .. framed(found.task)
  return 'g'
end

for _, group in ipairs(groups) do
  local line, entering = group.line, listOf(DIRECT.entering, group.line.pending)
  local beginning = plainBeginning(NOW_TEXT, line.name)
  for place, id in ipairs(group.ids) do
    if TEXTS[id] then
      letters[#letters + 1] = answerAgain(id)
    else
      letters[#letters + 1] = 'n'
      local rest = group.texts[place]
      writeText(id, beginning .. rest, entering, orderScore(NOW, priorityIn(rest)))
      SEEN_LINES[line.name] = true
    end
  end
  if SEEN_LINES[line.name] then mark(line) end
end
for _, request in ipairs(requests) do
  local id = request.id
  local stored = loaded(id)
  local found = stored == nil and takenFrom(request)
  if stored ~= nil then
    letters[#letters + 1] = answerAgain(id)
  elseif not found then
    letters[#letters + 1] = 'n'
    create(request, '')
  else
    letters[#letters + 1] = contend(request, found)
  end
end

local away = moved()
if away then return away end
storeChanges(records)
tellEnds(awaited, prefix)
if not HAS_SCHEMA then
  put(meta, 'schema', schema)
  put(meta, 'partitions', partitions)
  put(meta, 'aging', AGING or false)
end
commit(records, queues, meta)
return reply(NOW .. '\29' .. table.concat(letters) .. '\29' .. described() .. (#gone > 0 and '\29' .. table.concat(gone, '\30') or ''))
