// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title settleBatch and refundBatch in plain Solidity, to compare the optimised ones with
/// @notice No assembly, no packing, checked arithmetic, nothing shared with the product but the rules.
contract PlainBatch {
    struct Holder {
        uint256 balance;
        bool frozen;
        uint256 base;
        mapping(uint256 nonce => bool) used;
    }

    struct Key {
        address signer;
        uint256 dailyLimit;
        uint256 spent;
    }

    struct Payment {
        bytes32 r;
        bytes32 vs;
        uint64 amount;
        uint48 nonce;
        uint32 validBefore;
        bytes16 invoice;
    }

    struct Refund {
        bytes32 r;
        bytes32 vs;
        uint64 amount;
        uint64 refundedBefore;
        uint32 validBefore;
    }

    uint256 private constant HIGHEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    bytes32 private immutable DOMAIN;
    address private immutable FEES;
    uint256 private immutable FEE_CAP;
    mapping(address => Holder) private holders;
    mapping(address merchant => Key) public keys;
    mapping(bytes32 payment => uint256) public refundedOf;
    uint256 public settlerLeft;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Paid(bytes16 indexed invoice);
    event Skipped(bytes16 indexed invoice, address payer, uint256 reason);
    event Refunded(bytes16 indexed invoice, uint256 refunded);
    event RefundSkipped(bytes16 indexed invoice, address payer, uint256 reason);

    constructor(bytes32 domain, address fees, uint256 feeCap, uint256 settlerLimit) {
        DOMAIN = domain;
        FEES = fees;
        FEE_CAP = feeCap;
        settlerLeft = settlerLimit;
        holders[address(0)].frozen = true;
    }

    function give(address to, uint256 won) external {
        holders[to].balance += won;
    }

    function setFrozen(address account, bool frozen) external {
        holders[account].frozen = frozen;
    }

    function setRefundKey(address merchant, address signer, uint256 dailyLimit) external {
        keys[merchant].signer = signer;
        keys[merchant].dailyLimit = dailyLimit;
    }

    function balanceOf(address account) external view returns (uint256) {
        return holders[account].balance;
    }

    function baseOf(address account) external view returns (uint256) {
        return holders[account].base;
    }

    function windowOf(address account) external view returns (uint256 window) {
        Holder storage holder = holders[account];
        for (uint256 i; i < 64; ++i) {
            if (holder.used[holder.base + i]) window |= 1 << i;
        }
    }

    function settleBatch(bytes calldata batch) external {
        uint256 at;
        uint256 settled;
        uint256 fees;
        while (at < batch.length) {
            address merchant = address(bytes20(batch[at:at + 20]));
            uint256 basisPoints = uint16(bytes2(batch[at + 20:at + 22]));
            uint256 count = uint16(bytes2(batch[at + 22:at + 24]));
            at += 24;
            require(basisPoints <= FEE_CAP, "fee");
            require(at + count * 98 <= batch.length, "length");
            uint256 credit;
            uint256 fee;
            for (; count > 0; --count) {
                uint256 won = settleOne(merchant, paymentAt(batch, at));
                credit += won;
                fee += won * basisPoints / 10_000;
                at += 98;
            }
            holders[merchant].balance += credit - fee;
            if (fee > 0) emit Transfer(merchant, FEES, fee);
            settled += credit;
            fees += fee;
        }
        require(settled <= settlerLeft, "limit");
        settlerLeft -= settled;
        holders[FEES].balance += fees;
    }

    function refundBatch(bytes calldata batch) external {
        uint256 at;
        while (at < batch.length) {
            address merchant = address(bytes20(batch[at:at + 20]));
            uint256 count = uint16(bytes2(batch[at + 20:at + 22]));
            at += 22;
            require(at + count * 182 <= batch.length, "length");
            uint256 debit;
            uint256 own = holders[merchant].balance;
            for (; count > 0; --count) {
                // Money that a merchant sends back to itself counts only after its group.
                debit += refundOne(merchant, own - debit, paymentAt(batch, at), refundAt(batch, at + 98));
                at += 182;
            }
            holders[merchant].balance -= debit;
        }
    }

    function settleOne(address merchant, Payment memory p) private returns (uint256) {
        address payer;
        uint256 reason;
        if (holders[merchant].frozen) {
            reason = 6;
        } else if (block.timestamp >= p.validBefore) {
            reason = 1;
        } else if (p.amount == 0) {
            reason = 7;
        } else {
            payer = recover(paymentHash(merchant, p), p.r, p.vs);
            if (payer == address(0)) reason = 2;
            else if (holders[payer].frozen) reason = 3;
            else if (!isFree(holders[payer], p.nonce)) reason = 5;
            else if (holders[payer].balance < p.amount) reason = 4;
        }
        if (reason != 0) {
            emit Skipped(p.invoice, payer, reason);
            return 0;
        }
        use(holders[payer], p.nonce);
        holders[payer].balance -= p.amount;
        emit Transfer(payer, merchant, p.amount);
        emit Paid(p.invoice);
        return p.amount;
    }

    function refundOne(address merchant, uint256 own, Payment memory p, Refund memory r) private returns (uint256) {
        (uint256 reason, address payer, bytes32 id) = checkRefund(merchant, own, p, r);
        if (reason != 0) {
            emit RefundSkipped(p.invoice, payer, reason);
            return 0;
        }
        refundedOf[id] += r.amount;
        keys[merchant].spent += r.amount;
        holders[payer].balance += r.amount;
        emit Transfer(merchant, payer, r.amount);
        emit Refunded(p.invoice, refundedOf[id]);
        return r.amount;
    }

    function checkRefund(address merchant, uint256 own, Payment memory p, Refund memory r)
        private
        view
        returns (uint256, address payer, bytes32 id)
    {
        if (holders[merchant].frozen) return (6, payer, id);
        if (block.timestamp >= r.validBefore) return (1, payer, id);
        if (r.amount == 0) return (7, payer, id);
        bytes32 hash = paymentHash(merchant, p);
        payer = recover(hash, p.r, p.vs);
        if (payer == address(0)) return (2, payer, id);
        id = keccak256(abi.encode(hash, payer));
        if (holders[payer].frozen) return (3, payer, id);
        if (p.nonce >= holders[payer].base && !holders[payer].used[p.nonce]) return (10, payer, id);
        if (refundedOf[id] != r.refundedBefore) return (5, payer, id);
        if (uint256(r.refundedBefore) + r.amount > p.amount) return (9, payer, id);
        address signer = recover(refundHash(id, r), r.r, r.vs);
        Key memory key = keys[merchant];
        if (signer == address(0) || signer != key.signer) return (8, payer, id);
        if (key.spent + r.amount > key.dailyLimit) return (11, payer, id);
        if (own < r.amount) return (4, payer, id);
        return (0, payer, id);
    }

    function isFree(Holder storage holder, uint256 nonce) private view returns (bool) {
        return nonce >= holder.base && nonce - holder.base <= 1_087 && !holder.used[nonce];
    }

    function use(Holder storage holder, uint256 nonce) private {
        holder.used[nonce] = true;
        if (nonce >= holder.base + 64) holder.base = nonce - 63;
    }

    function recover(bytes32 structHash, bytes32 r, bytes32 vs) private view returns (address) {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > HIGHEST_S) return address(0);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", DOMAIN, structHash));
        return ecrecover(digest, uint256(vs) >> 255 == 1 ? 28 : 27, r, bytes32(s));
    }

    function paymentHash(address merchant, Payment memory p) private pure returns (bytes32) {
        bytes32 typehash =
            keccak256("Payment(address merchant,uint64 amount,uint48 nonce,uint32 validBefore,bytes16 invoice)");
        return keccak256(abi.encode(typehash, merchant, p.amount, p.nonce, p.validBefore, p.invoice));
    }

    function refundHash(bytes32 id, Refund memory r) private pure returns (bytes32) {
        bytes32 typehash = keccak256("Refund(bytes32 payment,uint64 amount,uint64 refundedBefore,uint32 validBefore)");
        return keccak256(abi.encode(typehash, id, r.amount, r.refundedBefore, r.validBefore));
    }

    function paymentAt(bytes calldata batch, uint256 at) private pure returns (Payment memory p) {
        p.r = bytes32(batch[at:at + 32]);
        p.vs = bytes32(batch[at + 32:at + 64]);
        p.amount = uint64(bytes8(batch[at + 64:at + 72]));
        p.nonce = uint48(bytes6(batch[at + 72:at + 78]));
        p.validBefore = uint32(bytes4(batch[at + 78:at + 82]));
        p.invoice = bytes16(batch[at + 82:at + 98]);
    }

    function refundAt(bytes calldata batch, uint256 at) private pure returns (Refund memory r) {
        r.r = bytes32(batch[at:at + 32]);
        r.vs = bytes32(batch[at + 32:at + 64]);
        r.amount = uint64(bytes8(batch[at + 64:at + 72]));
        r.refundedBefore = uint64(bytes8(batch[at + 72:at + 80]));
        r.validBefore = uint32(bytes4(batch[at + 80:at + 84]));
    }
}
