--- What the turns of plain records begin with.
--- @use clock plain memory

--- Before a claim: 1 if `turn` has to make it, because it is a resend, something is paused, or scheduled records are due; and when the next one is.
local function lookAhead(claims, field, nonce, scheduled)
  local isResend = isOfNonce(redis.call('HGET', claims, field), nonce)
  local due = redis.call('ZRANGE', scheduled, '0', '0', 'WITHSCORES')[2] or ''
  local isOther = isResend or HAS_PAUSES or not isUsual() or (due ~= '' and tonumber(due) <= NOW)
  return isOther and '1' or '', due
end
