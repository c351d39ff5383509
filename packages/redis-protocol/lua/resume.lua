--- Takes back what was said of these queues, or of the whole namespace.
--- @flags allow-oom
--- @keys meta records queues controls
--- @items fields of `controls`
--- @reply 1
--- @use clock plan pauses

local refusal = version(meta)
if refusal then return refusal end

local gone, isAnyLeft = {}, false
for at = ITEM, #ARGV do
  gone[ARGV[at]] = true
  drop(controls, ARGV[at])
end
for _, field in ipairs(redis.call('HKEYS', controls)) do
  if isPauseField(field) and not gone[field] then isAnyLeft = true end
end
if not isAnyLeft then drop(meta, 'paused') end
commit(records, queues, meta)
return 1
