--- Records in a reply: one text for all of them, and what lies aside in elements of its own.
--- @use load answer frame

local REPLY = {}
local EXTRAS = {}

--- What is stored as nothing at all, which cannot be read either, as against what is not stored.
local EMPTY = '\1'

--- An answer stops growing here, but for its first record.
local MOST_BYTES = 1048576

local BYTES = 0

--- The bytes that a record adds to an answer. One that was only enqueued has no outcome yet.
local function sizeOf(id, bodies, results)
  local text = TEXTS[id] or ''
  local size = #text
  if liesAside(text) then size = size + redis.call('HSTRLEN', bodies, id) end
  if string.sub(text, 2, 2) ~= EVENT.enqueue and string.find(text, '\n[RE]\n') then size = size + redis.call('HSTRLEN', results, id) end
  return size
end

--- Whether one more record would be too much for this answer.
local function isFull(id, bodies, results)
  local before = BYTES
  BYTES = before + sizeOf(id, bodies, results)
  return before > 0 and BYTES > MOST_BYTES
end

--- Says what lies aside: b a body, o an outcome, p progress; u if scripts cannot read it.
local function describe(id, record, bodies, results, progress)
  local text = record and textOf(record) or TEXTS[id]
  local beat = record and record.beat or ''
  local aside = record == false and 'u' or ''
  if record and liesAside(record.text) then
    aside = 'b'
    EXTRAS[#EXTRAS + 1] = peek(bodies, id)
  end
  if record and isAside(record) then
    aside = aside .. 'o'
    EXTRAS[#EXTRAS + 1] = peek(results, id)
  end
  if progress and progress ~= '' then
    aside = aside .. 'p'
    EXTRAS[#EXTRAS + 1] = progress
  end
  local at = #REPLY
  REPLY[at + 1] = entryHead(id, beat, aside)
  REPLY[at + 2] = text and (text == '' and EMPTY or framed(text)) or ''
end

--- A record of which nothing lies aside.
local function describeText(id, text, beat)
  local at = #REPLY
  REPLY[at + 1] = entryHead(id, beat, '')
  REPLY[at + 2] = framed(text)
end

--- Each begins with its separator.
local function described() return table.concat(REPLY) end

--- One text where nothing lies aside: clients parse it much faster than an array.
local function reply(main)
  if #EXTRAS == 0 then return main end
  return { main, unpack(EXTRAS) }
end
