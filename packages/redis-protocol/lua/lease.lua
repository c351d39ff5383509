--- Takes, keeps or releases a duty for a time. Another token changes nothing until the holder's time is up.
--- @flags allow-oom
--- @keys meta records queues leases
--- @args now name token ttl release
--- @reply 1 or 0 for held, and until when; empty if nobody holds it
--- @use clock plan

local refusal = clock(meta, now)
if refusal then return refusal end

local stored = redis.call('HGET', leases, name)
local holder, deadline = string.match(stored or '', '^(%S+) (%d+)$')
local isHeld = holder and tonumber(deadline) > NOW
local answer
if isHeld and holder ~= token then
  answer = '0 ' .. deadline
elseif release == '1' then
  drop(leases, name)
  answer = '0 '
else
  local newDeadline = NOW + tonumber(ttl)
  put(leases, name, token .. ' ' .. newDeadline)
  answer = '1 ' .. newDeadline
end
commit(records, queues, meta)
return answer
