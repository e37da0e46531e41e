DROP TRIGGER stay ON deferred_cash;
