--- Which of these keys still name a record that does not exist. A key that names none is free: nothing is lost with it.
--- @flags allow-oom
--- @keys meta records keys queues
--- @args repairs
--- @items identity and id per key
--- @reply per finding: code, id, identity, 1 if it was mended
--- @use clock plan read frame

local refusal = version(meta)
if refusal then return refusal end

local found = {}
for at = ITEM, #ARGV, 2 do
  local identity, id = ARGV[at], ARGV[at + 1]
  if redis.call('HEXISTS', records, id) == 0 and redis.call('HGET', keys, identity) == id then
    if repairs == '1' then drop(keys, identity) end
    found[#found + 1] = table.concat({ 'dangling_key', framed(id), framed(identity), repairs }, '\31')
  end
end
commit(records, queues, meta)
return table.concat(found, '\30')
