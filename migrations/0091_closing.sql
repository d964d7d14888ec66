-- A closed account keeps neither what it was told, nor how, nor the code it invited people by.
grant delete on notice, notice_setting, referral_code, push_message to wallet_web;
