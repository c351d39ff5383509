--- Persists each request, in order. The same id again changes nothing and answers with what is there. A key is held by one active record:
--- `keep` answers with it, `replace` cancels it if it still waits and belongs to the same task, and takes its key in the same act. Nothing is persisted
--- before what comes first: `after` is one of its ids, if it names one.
--- @keys meta records bodies results keys progress awaited queues @lines
--- @args now after schema partitions prefix groupCount
--- @items groups of plain requests, due now and without key or deadline: line, ids one behind the other, then the rest of the record of each; then, per request: id, line, key, timing, priority, head, tail, body
--- @reply now and a letter per request, those in groups first (n: created, m: created by replacing; of what was there: c or r: what its enqueue was, e: it holds the key), then the records that were there; empty if nothing was done
--- @use clock line finish direct describe

local refusal = clock(meta, now)
if refusal then return refusal end
if after ~= '' and redis.call('HEXISTS', records, after) == 0 then return '' end

local WIDTH = 8
local requests, ids, identities = {}, {}, {}
local groups, rest = {}, ITEM
for i = 1, tonumber(groupCount) do
  local group = { line = LINES[ARGV[rest]], ids = idsIn(ARGV[rest + 1]), texts = {} }
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
    local task, failure, identity = string.match(key, '^([^\t]*)\t([^\t]*)\t(.*)$')
    request.task = task
    request.failure = failure
    request.identity = identity
    identities[#identities + 1] = identity
  end
  requests[#requests + 1] = request
  ids[#ids + 1] = request.id
end

load(records, ids)
local holders, heldIds = {}, {}
for at, id in ipairs(readFields(keys, identities)) do
  if id then
    holders[identities[at]] = id
    heldIds[#heldIds + 1] = id
  end
end
load(records, heldIds)
loadBeats(heldIds)
loadBeats(ids)

--- The active record that holds a key. One that ended, is gone or cannot be read holds nothing.
local function holderOf(request)
  local id = request.identity and holders[request.identity]
  local holder = id and opened(id)
  return holder and isActive(holder) and holder or nil
end

--- When it is due, when it is too late, and when it was made, as the request says it: delayMs, scheduledAt, expiresInMs, expiresAt.
local function times(timing)
  if timing == '' then return '', NOW, '' end
  local delay, scheduled, expiresIn, expires = string.match(timing, '^(%d*) (%d*) (%d*) (%d*)$')
  if delay ~= '' and tonumber(delay) > 0 then scheduled = NOW + tonumber(delay) end
  if expiresIn ~= '' then expires = NOW + tonumber(expiresIn) end
  return scheduled, math.max(NOW, tonumber(scheduled) or 0), expires
end

local function create(request, replaced)
  local scheduled, queued, expires = times(request.timing)
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
  if request.identity then
    holders[request.identity] = request.id
    put(keys, request.identity, request.id)
  end
  local line = LINES[request.line]
  file(record, line)
  SEEN_LINES[request.line] = true
  offer(record, line)
end

local letters = {}

--- What is there under the same id answers as its enqueue did.
local function answerAgain(id)
  local stored = loaded(id)
  describe(id, stored, bodies, results, peek(progress, id))
  return stored and opened(id) and stored.replaced == 'r' and 'r' or 'c'
end

for _, group in ipairs(groups) do
  local line, entering = group.line, listOf(DIRECT.entering, group.line.pending)
  local afterQueued = plainAfterQueued(line.name)
  for place, id in ipairs(group.ids) do
    if TEXTS[id] then
      letters[#letters + 1] = answerAgain(id)
    else
      letters[#letters + 1] = 'n'
      local rest = group.texts[place]
      writeText(id, plainText(instantText(), afterQueued, rest), entering, orderScore(NOW, priorityIn(rest)))
      SEEN_LINES[line.name] = true
    end
  end
  if SEEN_LINES[line.name] then mark(line) end
end
for _, request in ipairs(requests) do
  local id = request.id
  local stored = loaded(id)
  local holder = stored == nil and holderOf(request)
  if stored ~= nil then
    letters[#letters + 1] = answerAgain(id)
  elseif not holder then
    letters[#letters + 1] = 'n'
    create(request, '')
  elseif request.failure ~= '' and isQueued(holder) and holder.task == request.task then
    local line = lineOf(holder)
    if line then
      letters[#letters + 1] = 'm'
      cancelRecord(holder, line, results, request.failure, prefix)
      create(request, 'r')
    end
  else
    letters[#letters + 1] = 'e'
    describe(holder.id, holder, bodies, results, peek(progress, holder.id))
  end
end

local away = moved()
if away then return away end
storeChanges(records)
tellEnds(awaited, prefix)
if not HAS_SCHEMA then
  put(meta, 'schema', schema)
  put(meta, 'partitions', partitions)
end
commit(records, queues, meta)
return reply(NOW .. '\29' .. table.concat(letters) .. '\29' .. described())
