--- Pauses queues, or the whole namespace: from now on no claim takes from them.
--- @flags allow-oom
--- @keys meta records queues controls
--- @items fields of `controls`
--- @reply 1
--- @use clock plan pauses

local refusal = version(meta)
if refusal then return refusal end

for at = ITEM, #ARGV do put(controls, ARGV[at], '1') end
put(meta, 'paused', '1')
commit(records, queues, meta)
return 1
