--- Which of these keys still name a record that does not exist, and nothing says that they outlast it. Such a key is free, and nothing is lost
--- with it; one that is taken for some time yet was only not listed.
--- @flags allow-oom
--- @keys meta records keys keyexpiry queues
--- @args now repairs
--- @items identity and field per key
--- @reply per finding: code, id, identity, 1 if it was mended
--- @use clock reserve frame

local refusal = clock(meta, now)
if refusal then return refusal end

--- It outlasts its record, and its end is known.
local function isExpected(identity, reservation)
  if reservation.hold == 'f' then return true end
  return reservation.hold == 'w' and redis.call('ZSCORE', keyexpiry, identity) == string.format('%.0f', reservation.ends)
end

local function mend(identity, reservation)
  if reservation.hold == 'w' and not isOver(reservation) then list(keyexpiry, identity, reservation) else drop(keys, identity) end
end

local found = {}
for at = ITEM, #ARGV, 2 do
  local identity, text = ARGV[at], ARGV[at + 1]
  local reservation = reservationIn(text) or { id = text, hold = '' }
  local id = reservation.id
  if redis.call('HEXISTS', records, id) == 0 and redis.call('HGET', keys, identity) == text and not isExpected(identity, reservation) then
    if repairs == '1' then mend(identity, reservation) end
    found[#found + 1] = table.concat({ 'dangling_key', framed(id), framed(identity), repairs }, '\31')
  end
end
commit(records, queues, meta)
return table.concat(found, '\30')
