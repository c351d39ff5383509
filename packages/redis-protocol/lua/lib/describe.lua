--- Records in a reply: one text for all of them, and what lies aside in elements of its own.
--- @use load answer

local REPLY = {}
local EXTRAS = {}

local function describe(id, record, bodies, results, progress)
  local text = record and textOf(record) or TEXTS[id] or ''
  local beat = record and record.beat or ''
  local report = progress or ''
  local at = #REPLY
  REPLY[at + 1] = '\30' .. id .. '\31' .. beat .. '\31' .. (report ~= '' and 'p' or '') .. '\31'
  REPLY[at + 2] = text
  if record then
    if hasBodyAside(record) then EXTRAS[#EXTRAS + 1] = peek(bodies, id) end
    if isAside(record) then EXTRAS[#EXTRAS + 1] = peek(results, id) end
  end
  if report ~= '' then EXTRAS[#EXTRAS + 1] = report end
end

--- A record of which nothing lies aside.
local function describeText(id, text, beat)
  local at = #REPLY
  REPLY[at + 1] = '\30' .. id .. '\31' .. beat .. '\31\31'
  REPLY[at + 2] = text
end

--- Each begins with its separator.
local function described() return table.concat(REPLY) end

--- One text where nothing lies aside: clients parse it much faster than an array.
local function reply(main)
  if #EXTRAS == 0 then return main end
  return { main, unpack(EXTRAS) }
end
