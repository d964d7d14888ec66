-- Who may do what is decided by the database, not by good manners: each door of the server works
-- under a role that owns nothing. Roles belong to the whole cluster, so another database of the
-- same cluster may have made them already, even at this very moment.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['wallet_web', 'wallet_switch', 'wallet_worker', 'wallet_read'] loop
        begin
            if not exists (select from pg_roles where rolname = role_name) then
                execute format('create role %I nologin', role_name);
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
end
$$;

revoke all on schema public from public;
grant usage on schema public to wallet_web, wallet_switch, wallet_worker, wallet_read;
